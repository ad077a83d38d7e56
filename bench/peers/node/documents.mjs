// Documents in memory, as the driver gives them, out of the BSON file that DOCUMENTS names.
import { readFileSync } from 'node:fs';
import { BSON } from 'mongodb';
import { contextOver, resolversOver } from './derived.mjs';

const { profiles, definitions } = BSON.deserialize(readFileSync(process.env.DOCUMENTS), { promoteBuffers: true });
const known = new Map(profiles.map((profile) => [profile._id.toString('hex'), profile]));

const source = {
  newest: async (first) => profiles.slice(0, first),
  byId: async (id) => known.get(id.toString('hex')),
  definitions: async () => definitions,
};

export const makeContext = contextOver(source);
export const resolvers = resolversOver(source);
