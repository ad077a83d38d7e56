// Rows in memory, read once from the file that ROWS names, with loaders as a server over a store would have.
import { readFileSync } from 'node:fs';
import DataLoader from 'dataloader';
import { scalars } from './scalars.mjs';

const rows = JSON.parse(readFileSync(process.env.ROWS, 'utf8'));
for (const events of Object.values(rows.events)) {
  for (const event of events) event.occurredAt = new Date(event.occurredAt);
}
const byId = new Map(rows.profiles.map((row) => [row.id, row]));
const loaded = (table) => new DataLoader(async (ids) => ids.map((id) => table[id]));

export const makeContext = () => ({
  tags: loaded(rows.tags),
  subscriptions: loaded(rows.subscriptions),
  events: loaded(rows.events),
});

export const resolvers = {
  ...scalars,
  Query: {
    profiles: async (_, { first }) => ({
      edges: rows.profiles.slice(0, first).map((row) => ({ cursor: row.cursor, node: row })),
    }),
    profile: async (_, { by }) => byId.get(by.id),
  },
  Profile: {
    tags: (row, _, context) => context.tags.load(row.id),
    subscriptions: (row, _, context) => context.subscriptions.load(row.id),
    activity: (row) => row,
  },
  Activity: {
    events: async (row, { first }, context) => {
      const events = await context.events.load(row.id);
      return { edges: events.slice(0, first).map((event) => ({ node: event })) };
    },
  },
};
