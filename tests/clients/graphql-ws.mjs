// Talks to URL with KEY through the reference client of graphql-transport-ws and prints what it got as JSON.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const { URL: url, KEY: key } = process.env;

function connect(token) {
  return createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
}

async function results(client, query) {
  const found = [];
  for await (const result of client.iterate({ query })) found.push(result);
  return found;
}

const client = connect(key);
const got = {
  query: await results(client, '{ echo }'),
  subscription: await results(client, 'subscription { count(to: 2) }'),
  invalid: await results(client, '{ nonsense }').catch((errors) => errors[0].extensions.code),
  forbidden: await results(connect('wrong'), '{ echo }').catch((event) => event.code),
};
await client.dispose();
console.log(JSON.stringify(got));
