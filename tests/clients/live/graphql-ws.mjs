// graphql-ws, with both feeds on one socket.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

import { follow, key, socketUrl } from './follow.mjs';

const client = createClient({
  url: socketUrl,
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: `Bearer ${key}` },
  retryAttempts: 0,
});

await follow({
  query: async (query, variables) => (await client.iterate({ query, variables }).next()).value.data,
  subscribe: (query, variables, sink) => client.subscribe({ query, variables }, sink),
  close: () => client.dispose(),
});
