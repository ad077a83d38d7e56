// Uses the types that gql.tada makes of documents: what is wrong does not compile.
import type { ResultOf, VariablesOf } from 'gql.tada';
import { Card, Change, Describe, Follow } from './documents.js';

export const variables: VariablesOf<typeof Card> = { by: { email: 'ann@example.com' }, actions: ['page.visit'] };
// @ts-expect-error of what is one of several, one has to be given
export const none: VariablesOf<typeof Card> = { by: {} };
export const attributes: VariablesOf<typeof Describe> = {
  id: 'prf_1',
  attributes: [{ name: 'sizes', value: { items: ['S', 1, true] } }],
};
// @ts-expect-error there is no such kind
export const kinds: VariablesOf<typeof Follow> = { profileId: 'prf_1', filter: { kinds: ['NOTES'] } };

export function told(data: ResultOf<typeof Follow>): string {
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

export function refused(data: ResultOf<typeof Change>): number[] {
  const errors = data.profileUpdate?.userErrors ?? [];
  return errors.flatMap((error) => (error.__typename === 'VersionConflict' ? [error.currentVersion] : []));
}

// @ts-expect-error what may fail may be null
export const name = (data: ResultOf<typeof Card>): string => data.profile.displayName;
