// Talks to URL with KEY through the reference client of graphql-sse and prints what it got as JSON.
import { createClient } from 'graphql-sse';

const { URL: url, KEY: key } = process.env;

function connect(token) {
  return createClient({ url, headers: { Authorization: `Bearer ${token}` }, retryAttempts: 0 });
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
  invalid: (await results(client, '{ nonsense }'))[0].errors[0].extensions.code,
  unauthenticated: await results(connect('wrong'), '{ echo }').catch((error) => error.response.status),
};
client.dispose();
console.log(JSON.stringify(got));
