// EventSource, as browsers have it: server-sent events by GET.
import { EventSource } from 'eventsource';

import { follow, key, url } from './follow.mjs';

const authorization = `Bearer ${key}`;

const address = (query, variables) => `${url}?${new URLSearchParams({ query, variables: JSON.stringify(variables) })}`;

function subscribe(query, variables, { next, error, complete }) {
  const source = new EventSource(address(query, variables), {
    fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, authorization } }),
  });
  source.addEventListener('next', ({ data }) => next(JSON.parse(data)));
  source.addEventListener('complete', () => {
    source.close();
    complete();
  });
  source.addEventListener('error', (event) => {
    source.close(); // by itself it would connect again with the cursor that it began with
    error(event);
  });
  return () => source.close();
}

await follow({
  query: async (query, variables) => {
    const response = await fetch(address(query, variables), { headers: { authorization } });
    return (await response.json()).data;
  },
  subscribe,
  close: () => {},
});
