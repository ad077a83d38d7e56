// The same feed program for every client: shows, follows from there, resumes where it was, and prints what it sees.
import { createInterface } from 'node:readline';

export const { URL: url, KEY: key, PROFILE: id } = process.env;
export const socketUrl = url.replace('http', 'ws');

const PAUSE = 50;
const SHOWN = `query ($id: ID!) {
  profile(by: { id: $id }) { activity { liveCursor events(first: 100) { edges { node { params } } } } } }`;
const ACTIVITY = `subscription ($id: ID!, $after: Cursor) {
  activity(profileId: $id, after: $after) { cursor node { ... on Event { params } } } }`;
const PRESENCE = `subscription ($ids: [ID!]!) { presence(profileIds: $ids) { profile { id } online } }`;
const WORKSPACE = `subscription ($after: Cursor) {
  workspaceActivity(filter: { kinds: [EVENT] }, after: $after) { cursor node { ... on Event { id params } } } }`;
const CHANGED = `subscription ($id: ID!) { profileChanged(profileId: $id) { version changed profile { tags { name } } } }`;

const tell = (seen) => console.log(JSON.stringify(seen));

// Subscribes again whenever a subscription ends, with the variables as they are by then; `see` is told which of
// its streams something came by, the first being 1.
function keep(client, document, variables, see) {
  let unsubscribe;
  let left = false;
  let stream = 0;
  function start() {
    stream += 1;
    let over = false;
    const end = (why) => {
      if (over || left) return;
      over = true;
      tell({ ended: why });
      setTimeout(start, PAUSE);
    };
    unsubscribe = client.subscribe(document, variables(), {
      next: ({ data, errors }) => (errors ? end(errors[0].extensions.code) : see(data, stream)),
      error: (error) => end(String(error?.message ?? error)),
      complete: () => end('complete'),
    });
  }
  start();
  return () => {
    left = true;
    unsubscribe();
  };
}

// Each of these starts feeds, and returns the functions that leave them.
function profileFeeds(client, cursor) {
  return [
    keep(client, ACTIVITY, () => ({ id, after: cursor }), ({ activity }) => {
      cursor = activity.cursor;
      tell({ page: activity.node.params?.page ?? null });
    }),
    keep(client, CHANGED, () => ({ id }), ({ profileChanged: { version, changed, profile } }) =>
      tell({ version, changed, tags: profile.tags.map(({ name }) => name) }),
    ),
  ];
}

function workspaceFeeds(client) {
  let after;
  const known = new Set();
  return [
    keep(client, WORKSPACE, () => ({ after }), ({ workspaceActivity: { cursor, node } }, stream) => {
      after = cursor;
      if (known.has(node.id)) return;
      known.add(node.id);
      tell({ page: node.params.page, pageStream: stream });
    }),
    keep(client, PRESENCE, () => ({ ids: [id] }), ({ presence: { profile, online } }, stream) =>
      tell({ online, of: profile.id, presenceStream: stream }),
    ),
  ];
}

// `client` has query(document, variables), a promise of data, subscribe(document, variables, sink), which returns the
// function that unsubscribes, and close(). Lines of the standard input say when to leave and when to show again.
export async function follow(client) {
  async function show() {
    const { activity } = (await client.query(SHOWN, { id })).profile;
    tell({ shown: activity.events.edges.map(({ node }) => node.params.page).reverse() });
    return activity.liveCursor;
  }

  const feeds = process.env.FEEDS === 'workspace' ? workspaceFeeds : profileFeeds;
  const leave = feeds(client, await show());
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'leave') leave.forEach((each) => each());
    if (line === 'show') await show();
  }
  await client.close();
}
