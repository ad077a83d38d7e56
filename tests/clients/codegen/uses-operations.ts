// Uses the types that GraphQL Code Generator writes: what is wrong does not compile.
import type { CardQuery, CardQueryVariables, ChangeMutation, FollowSubscription, WriteOptions } from './operations.js';
import type { AttributeNewValue, Maybe, TimelineEntry } from './schema.js';

export const variables: CardQueryVariables = { by: { email: 'ann@example.com' }, actions: ['page.visit'] };
// @ts-expect-error of what is one of several, only one can be given
export const both: CardQueryVariables = { by: { email: 'ann@example.com', customId: 'u-1' } };
export const value: AttributeNewValue = { items: ['S', 1, true] };
// @ts-expect-error there is no such option
export const options: WriteOptions = { dryrun: true };

export function told(data: FollowSubscription): string {
  const { node } = data.activity;
  if (!node) return 'It failed.';
  switch (node.__typename) {
    case 'NoteChange':
      return node.noteAfter?.title ?? node.became;
    case 'AgreementChange':
      return `${node.channel} ${node.statusBefore} ${node.statusAfter}`;
    case 'Event':
      return node.definition?.displayName ?? node.action;
    default:
      return `${node.title} by ${node.actor?.name}: ${node.fields}`;
  }
}

export function refused(data: ChangeMutation): number[] {
  const errors = data.profileUpdate?.userErrors ?? [];
  return errors.flatMap((error) => (error.__typename === 'VersionConflict' ? [error.currentVersion] : []));
}

// @ts-expect-error what may fail may be null
export const name = (data: CardQuery): string => data.profile.displayName;

export const title = (entry: TimelineEntry): Maybe<string> | undefined => entry.title;
