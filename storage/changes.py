"""Changes of a profile's own data, and of what stands beside it, as entries of the journal."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from storage.actors import ActorDoc
from storage.credentials import Scope
from storage.declaration import Noun
from storage.journal import COLLECTION, EntryKind
from storage.sources import ChangeSource
from storage.store.ids import time_id
from storage.store.workspace import Workspace

NOUN = Noun(type="ChangeEntry", prefix="chg", scope=Scope.PROFILES_READ, collection=COLLECTION)
CHANGES = tuple(kind for kind in EntryKind if kind is not EntryKind.EVENT)


class Change(TypedDict):
    """What one field was and what it became."""

    field: str
    before: Any
    after: Any


class ChangeDoc(TypedDict):
    """A change of the profile's own data."""

    _id: bytes
    workspace: str
    profile: bytes
    kind: EntryKind
    seq: int
    actor: ActorDoc
    action: str
    occurredAt: datetime
    receivedAt: datetime
    arrival: bytes
    source: ChangeSource
    changes: list[Change]


def change_id(workspace_id: str, entry: Mapping[str, Any], seq: int) -> bytes:
    """Return the `_id` of a change of the write that began after entry `seq`; no two of a write change the same."""
    fields = (change["field"] for change in entry["changes"])
    return time_id(entry["receivedAt"], workspace_id, entry["profile"].hex(), entry["kind"], str(seq), *fields)


async def changes_by_id(workspace: Workspace, ids: Sequence[bytes]) -> list[ChangeDoc]:
    """Return those of the changes that exist, in no order."""
    return [entry for entry in await workspace.by_id("journal", ids) if entry["kind"] in CHANGES]
