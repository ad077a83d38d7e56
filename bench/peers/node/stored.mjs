// Documents of the gateway's own database, with the reads that the gateway makes.
import { Binary, MongoClient } from 'mongodb';
import { contextOver, resolversOver } from './derived.mjs';

const client = await new MongoClient(process.env.MONGODB_URI, { promoteBuffers: true }).connect();
const database = client.db(process.env.MONGODB_DATABASE);
const profiles = database.collection('profiles');
const definitions = database.collection('attribute_definitions');
const workspace = process.env.WORKSPACE;

const values = ['attributes.name', 'attributes.value'];
const events = ['_id', 'action', 'occurredAt', 'label', 'params'].map((key) => `recent.${key}`);
const reads = {
  personal: values,
  contact: ['identities'],
  identities: ['identities'],
  attributes: values,
  tags: ['tags'],
  subscriptions: ['agreements', ...values],
  activity: [...events, 'eventCount', 'seq'],
};

// What is selected of a profile below a path decides what leaves the database.
const projection = (info, ...path) => {
  let nodes = info.fieldNodes;
  for (const name of path) nodes = nodes.flatMap((node) => fieldsOf(node).filter((field) => field.name.value === name));
  const names = nodes.flatMap(fieldsOf).map((field) => field.name.value);
  return Object.fromEntries(['_id', ...names.flatMap((name) => reads[name] ?? [])].map((key) => [key, 1]));
};
const fieldsOf = (node) => node.selectionSet.selections;

const source = {
  newest: async (first, info) => {
    const options = { projection: projection(info, 'edges', 'node'), sort: { _id: -1 }, limit: first + 1 };
    return (await profiles.find({ workspace }, options).toArray()).slice(0, first);
  },
  byId: async (id, info) => {
    const filter = { workspace, _id: { $in: [new Binary(id)] } };
    return (await profiles.find(filter, { projection: projection(info) }).toArray())[0];
  },
  definitions: () => definitions.find({ workspace }, { sort: { name: 1 } }).toArray(),
};

export const makeContext = contextOver(source);
export const resolvers = resolversOver(source);
