// graphql-sse: server-sent events by POST, a connection for each operation.
import { createClient } from 'graphql-sse';

import { follow, key, url } from './follow.mjs';

const client = createClient({ url, headers: { Authorization: `Bearer ${key}` }, retryAttempts: 0 });

await follow({
  query: async (query, variables) => (await client.iterate({ query, variables }).next()).value.data,
  subscribe: (query, variables, sink) => client.subscribe({ query, variables }, sink),
  close: () => client.dispose(),
});
