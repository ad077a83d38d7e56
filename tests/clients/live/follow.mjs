// The same feed program for every client: shows, follows from there, resumes where it was, and prints what it sees.
import { createInterface } from 'node:readline';

export const { URL: url, KEY: key, PROFILE: id } = process.env;
export const socketUrl = url.replace('http', 'ws');

const PAUSE = 50;
const SHOWN = `query ($id: ID!) {
  profile(by: { id: $id }) { activity { liveCursor events(first: 100) { edges { node { params } } } } } }`;
const ACTIVITY = `subscription ($id: ID!, $after: Cursor) {
  activity(profileId: $id, after: $after) { cursor entry { ... on Event { params } } } }`;
const CHANGED = `subscription ($id: ID!) { profileChanged(profileId: $id) { version changed profile { tags { name } } } }`;

const tell = (seen) => console.log(JSON.stringify(seen));

// Subscribes again whenever a subscription ends, with the variables as they are by then.
function keep(client, document, variables, see) {
  let unsubscribe;
  let left = false;
  function start() {
    let over = false;
    const end = (why) => {
      if (over || left) return;
      over = true;
      tell({ ended: why });
      setTimeout(start, PAUSE);
    };
    unsubscribe = client.subscribe(document, variables(), {
      next: ({ data, errors }) => (errors ? end(errors[0].extensions.code) : see(data)),
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

// `client` has query(document, variables), a promise of data, subscribe(document, variables, sink), which returns the
// function that unsubscribes, and close(). Lines of the standard input say when to leave and when to show again.
export async function follow(client) {
  async function show() {
    const { activity } = (await client.query(SHOWN, { id })).profile;
    tell({ shown: activity.events.edges.map(({ node }) => node.params.page).reverse() });
    return activity.liveCursor;
  }

  let cursor = await show();
  const leave = [
    keep(client, ACTIVITY, () => ({ id, after: cursor }), ({ activity }) => {
      cursor = activity.cursor;
      tell({ page: activity.entry.params?.page ?? null });
    }),
    keep(client, CHANGED, () => ({ id }), ({ profileChanged: { version, changed, profile } }) =>
      tell({ version, changed, tags: profile.tags.map(({ name }) => name) }),
    ),
  ];
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'leave') leave.forEach((each) => each());
    if (line === 'show') await show();
  }
  await client.close();
}
