// Apollo Client over its graphql-ws link.
import { ApolloClient, InMemoryCache, gql } from '@apollo/client/core';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

import { follow, key, socketUrl } from './follow.mjs';

const socket = createClient({
  url: socketUrl,
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: `Bearer ${key}` },
  retryAttempts: 0,
});
const client = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache() });

function subscribe(document, variables, { next, error, complete }) {
  const observable = client.subscribe({ query: gql(document), variables });
  const subscription = observable.subscribe({
    next: ({ data, error: failure }) => (failure ? error(failure) : next({ data })),
    error,
    complete,
  });
  return () => subscription.unsubscribe();
}

await follow({
  query: async (document, variables) =>
    (await client.query({ query: gql(document), variables, fetchPolicy: 'network-only' })).data,
  subscribe,
  close: async () => {
    client.stop();
    await socket.dispose();
  },
});
