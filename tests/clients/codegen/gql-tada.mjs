// gql.tada: writes what it makes of the SCHEMA into the directory OUT, and the OPERATIONS as its users write them. Its
// command does the first as well, but needs a compiler that can be called from JavaScript, which TypeScript 7 is not.
import { readFileSync, writeFileSync } from 'node:fs';
import { minifyIntrospection, outputIntrospectionFile } from '@gql.tada/internal';
import { buildSchema, introspectionFromSchema, parse, print, visit } from 'graphql';

const { SCHEMA, OPERATIONS, OUT } = process.env;

const introspection = introspectionFromSchema(buildSchema(readFileSync(SCHEMA, 'utf8')), { oneOf: true });
const env = outputIntrospectionFile(minifyIntrospection(introspection), { fileType: '.d.ts', shouldPreprocess: true });
writeFileSync(`${OUT}/graphql-env.d.ts`, env);

function spreads(definition) {
  const names = new Set();
  visit(definition, { FragmentSpread: ({ name }) => void names.add(name.value) });
  return [...names];
}

// Fragments come before what spreads them, since they are constants.
const left = new Map(parse(readFileSync(OPERATIONS, 'utf8')).definitions.map((each) => [each.name.value, each]));
const ordered = [];
function put(name) {
  const definition = left.get(name);
  if (!left.delete(name)) return;
  spreads(definition).forEach(put);
  ordered.push(definition);
}
[...left.keys()].forEach(put);

const written = ordered.map((each) => `export const ${each.name.value} = graphql(\`${print(each)}\`, [${spreads(each)}]);\n`);
writeFileSync(
  `${OUT}/documents.ts`,
  `import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './graphql-env.js';

type Scalars = { Cursor: string; Date: string; DateTime: string; JSON: unknown };
const graphql = initGraphQLTada<{ introspection: introspection; scalars: Scalars; disableMasking: true }>();

${written.join('\n')}`,
);
