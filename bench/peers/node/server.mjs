// One peer, by its name in VARIANT, on PORT; its data is in memory, as documents or derived beforehand, or in a database.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { MONGODB_URI, DOCUMENTS } = process.env;
const source = MONGODB_URI ? './stored.mjs' : DOCUMENTS ? './documents.mjs' : './memory.mjs';
const { resolvers, makeContext } = await import(source);
const typeDefs = readFileSync(new URL('schema.graphql', import.meta.url), 'utf8');
const host = '127.0.0.1';
const port = Number(process.env.PORT);

const yoga = async (plugins) => {
  const { createSchema, createYoga } = await import('graphql-yoga');
  const schema = createSchema({ typeDefs, resolvers });
  createServer(createYoga({ schema, context: makeContext, plugins, logging: false, graphiql: false })).listen(port, host);
};

const variants = {
  yoga: () => yoga([]),
  'yoga-jit': async () => {
    const { useGraphQlJit } = await import('@envelop/graphql-jit');
    await yoga([useGraphQlJit()]);
  },
  apollo: async () => {
    const { ApolloServer } = await import('@apollo/server');
    const { startStandaloneServer } = await import('@apollo/server/standalone');
    const server = new ApolloServer({ typeDefs, resolvers, introspection: false });
    await startStandaloneServer(server, { listen: { port, host }, context: async () => makeContext() });
  },
  'mercurius-jit': async () => {
    const { default: fastify } = await import('fastify');
    const { default: mercurius } = await import('mercurius');
    const app = fastify({ logger: false });
    app.register(mercurius, { schema: typeDefs, resolvers, context: makeContext, jit: 1 });
    await app.listen({ port, host });
  },
};

await variants[process.env.VARIANT]();
