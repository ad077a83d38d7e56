// Runs the GraphQL over HTTP audit against URL with KEY and prints its results as JSON.
import { auditServer } from 'graphql-http';

const { URL: url, KEY: key } = process.env;

const results = await auditServer({
  url,
  fetchFn: (input, init = {}) =>
    fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${key}` } }),
});

console.log(JSON.stringify(results.map(({ id, name, status, reason }) => ({ id, name, status, reason }))));
