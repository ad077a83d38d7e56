// GraphQL Code Generator: writes the types of the SCHEMA, and those of the OPERATIONS, into the directory OUT.
import { readFileSync, writeFileSync } from 'node:fs';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import * as operations from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';

const { SCHEMA, OPERATIONS, OUT } = process.env;
const read = (path) => parse(readFileSync(path, 'utf8'));

const documents = [{ location: OPERATIONS, document: read(OPERATIONS) }];
const scalars = { Cursor: 'string', Date: 'string', DateTime: 'string', JSON: 'unknown' };

for (const [name, plugin] of Object.entries({ schema: typescript, operations })) {
  const filename = `${OUT}/${name}.ts`;
  const text = await codegen({
    filename,
    schema: read(SCHEMA),
    documents,
    config: { strictScalars: true, scalars },
    plugins: [{ [name]: {} }],
    pluginMap: { [name]: plugin },
  });
  writeFileSync(filename, text);
}
