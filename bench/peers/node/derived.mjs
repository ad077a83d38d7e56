// What the gateway derives from its documents, for whoever has them: `newest(first, info)`, `byId(id, info)`, `definitions()`.
import DataLoader from 'dataloader';
import { scalars, timestamp } from './scalars.mjs';

const publicId = (prefix, id) => `${prefix}_${id.toString('hex')}`;
const cursorOf = (id) => Buffer.concat([Buffer.from('_id:b:'), id]).toString('base64url');
const valueOf = (profile, name) => profile.attributes.find((attribute) => attribute.name === name)?.value ?? null;

const display = (value) => {
  if (value === null) return 'N/A';
  if (value instanceof Date) return value.getTime() % 86_400_000 ? timestamp(value) : value.toISOString().slice(0, 10);
  if (Array.isArray(value)) return value.map(display).join(', ');
  return String(value);
};

const statusOf = (profile, channel) => {
  if (channel !== 'WHATSAPP') return profile.agreements.find((each) => each.channel === channel)?.status ?? 'NOT_SET';
  const agreed = valueOf(profile, 'receive_whatsapp_messages');
  return agreed === null ? 'NOT_SET' : agreed === true ? 'ENABLED' : 'DISABLED';
};
const channels = ['EMAIL', 'SMS', 'WEB_PUSH', 'MOBILE_PUSH', 'WHATSAPP'];

export const contextOver = ({ definitions }) => () => ({
  definitions: new DataLoader(async ([key]) => [new Map((await definitions()).map((each) => [each.name, each]))]),
});

export const resolversOver = ({ newest, byId }) => ({
  ...scalars,
  Query: {
    profiles: async (_, { first }, context, info) => {
      const found = await newest(first, info);
      return { edges: found.map((profile) => ({ cursor: cursorOf(profile._id), node: profile })) };
    },
    profile: (_, { by }, context, info) => byId(Buffer.from(by.id.slice('prf_'.length), 'hex'), info),
  },
  Profile: {
    id: (profile) => publicId('prf', profile._id),
    personal: (profile) => ({
      firstName: valueOf(profile, 'firstName'),
      lastName: valueOf(profile, 'lastName'),
      city: valueOf(profile, 'city'),
    }),
    contact: (profile) => profile.identities,
    attributes: async (profile, _, context) => {
      const known = await context.definitions.load('all');
      const byName = new Map(profile.attributes.map((attribute) => [attribute.name, attribute.value]));
      return [...byName.keys()].sort().map((name) => ({
        name,
        displayName: known.get(name)?.displayName ?? name,
        display: display(byName.get(name)),
      }));
    },
    subscriptions: (profile) => channels.map((channel) => ({ channel, status: statusOf(profile, channel) })),
    activity: (profile) => profile,
  },
  Activity: {
    events: (profile, { first }) => ({ edges: profile.recent.slice(0, first).map((event) => ({ node: event })) }),
  },
  Event: { id: (event) => publicId('evt', event._id) },
});
