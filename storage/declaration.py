"""What a noun states about itself, once: set-up, `node`, the write path, the history and the laws read it there."""

from dataclasses import dataclass

from storage.credentials import Scope
from storage.journal import EntryKind
from storage.store.collections import Collection


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Noun:
    """A kind of thing that has an id.

    `type` is its GraphQL type, `prefix` what its public ids begin with, and `scope` what a credential needs to read it.
    Its documents are in `collection`, which says what erasure does to them. A noun with a `kind` stands beside
    profiles: each document names its `profile`, changes in the profile's transaction, and entries of this kind tell
    of it, under the name of the collection: `notes.<id>`.
    """

    type: str
    prefix: str
    scope: Scope
    collection: Collection
    kind: EntryKind | None = None
