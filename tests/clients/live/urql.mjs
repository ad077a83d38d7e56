// urql, over OVER: graphql-ws for subscriptions ("ws"), or server-sent events by its own fetch ("sse").
import { createClient as createSocket } from 'graphql-ws';
import { Client, fetchExchange, subscriptionExchange } from 'urql';
import WebSocket from 'ws';

import { follow, key, socketUrl, url } from './follow.mjs';

const authorization = `Bearer ${key}`;
const overSocket = process.env.OVER === 'ws';

const socket = createSocket({
  url: socketUrl,
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: authorization },
  retryAttempts: 0,
});
const subscriptions = subscriptionExchange({
  forwardSubscription: ({ query, variables }) => ({
    subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
  }),
});
const client = new Client({
  url,
  exchanges: overSocket ? [subscriptions, fetchExchange] : [fetchExchange],
  fetchSubscriptions: !overSocket,
  fetchOptions: { headers: { authorization } },
  requestPolicy: 'network-only',
  preferGetMethod: false,
});

await follow({
  query: async (document, variables) => (await client.query(document, variables).toPromise()).data,
  subscribe: (document, variables, { next, error }) => {
    const { unsubscribe } = client
      .subscription(document, variables)
      .subscribe((result) => (result.error ? error(result.error) : next(result)));
    return unsubscribe;
  },
  close: () => socket.dispose(),
});
