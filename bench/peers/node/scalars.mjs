// The scalars of the gateway: timestamps in ISO 8601 with +00:00, as Python writes them, and any JSON.
import { GraphQLScalarType } from 'graphql';

export const timestamp = (at) => {
  const text = at.toISOString();
  return text.endsWith('.000Z') ? `${text.slice(0, 19)}+00:00` : `${text.slice(0, 23)}000+00:00`;
};

export const scalars = {
  DateTime: new GraphQLScalarType({ name: 'DateTime', serialize: timestamp }),
  JSON: new GraphQLScalarType({ name: 'JSON', serialize: (value) => value }),
};
