"""The journal: everything that happened to a profile, events and changes alike, one document an entry."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict

from storage.store.collections import OF_PROFILE, Collection, Index
from storage.store.ids import floor_id, time_id
from storage.store.mongo import Document, Projection
from storage.store.pages import Page, PageRequest, newest_of_each
from storage.store.workspace import Workspace

PREFIX = "evt"
RECENT = 20

# Exactly these move the last activity (R38); `event log` is spelled with its space.
ACTIVITY_ACTIONS = frozenset(
    {
        "client.applicationStarted",
        "screen.view",
        "screen.click",
        "dynamicContent.show",
        "page.visit",
        "form.submit",
        "button.click",
        "event log",
        "slider.change",
        "switch.change",
    }
)


class EntryKind(StrEnum):
    """What an entry tells of."""

    EVENT = "EVENT"
    PROFILE = "PROFILE"
    IDENTIFIER = "IDENTIFIER"
    ATTRIBUTE = "ATTRIBUTE"
    TAG = "TAG"
    AGREEMENT = "AGREEMENT"
    NOTE = "NOTE"
    TASK = "TASK"


class Direction(StrEnum):
    """Whether the person did it, or it was done for the person, such as an email sent (R40)."""

    BY_PROFILE = "BY_PROFILE"
    FOR_PROFILE = "FOR_PROFILE"


class EventResult(StrEnum):
    """What became of an event: one whose UUID is known is a duplicate, or a conflict when it says something else."""

    CREATED = "CREATED"
    DUPLICATE = "DUPLICATE"
    CONFLICT = "CONFLICT"
    REJECTED = "REJECTED"


class Change(TypedDict):
    """What one field was and what it became."""

    field: str
    before: Any
    after: Any


class EventDoc(TypedDict, total=False):
    """An event, in the journal and among a profile's `recent`; there without the first six keys.

    `originalOccurredAt` is the sender's time where that was in the future; `occurredAt` is the time of receipt then.
    """

    workspace: str
    profile: bytes
    kind: EntryKind
    seq: int
    actor: str
    user: str | None
    _id: bytes
    uuid: str
    action: str
    label: str | None
    occurredAt: datetime
    originalOccurredAt: datetime | None
    receivedAt: datetime
    arrival: bytes
    source: str
    ip: str | None
    direction: Direction
    params: dict[str, Any]


class ChangeDoc(TypedDict):
    """A change of the profile's own data."""

    _id: bytes
    workspace: str
    profile: bytes
    kind: EntryKind
    seq: int
    actor: str
    user: str | None
    action: str
    occurredAt: datetime
    receivedAt: datetime
    arrival: bytes
    source: str
    changes: list[Change]


# No index is unique: the profile, which every write replaces in its transaction, keeps `seq` so, and a look-up in that
# transaction `uuid`; a sharded collection could not promise either (ADR 3). The first index makes a whole timeline one
# range: with `kind` in between it would be a range for each kind. That costs each entry some 0.2 ms on the stand-in.
COLLECTION = Collection(
    "journal",
    required={
        "_id": "binData",
        "workspace": "string",
        "profile": "binData",
        "kind": "string",
        "seq": ["int", "long"],
        "actor": "string",
        "action": "string",
        "occurredAt": "date",
        "receivedAt": "date",
        "arrival": "binData",
        "source": "string",
    },
    indexes=(
        Index([*OF_PROFILE, ("_id", -1)]),
        Index([*OF_PROFILE, ("kind", 1), ("_id", -1)]),
        Index([*OF_PROFILE, ("kind", 1), ("action", 1), ("_id", -1)]),
        Index([*OF_PROFILE, ("changes.field", 1), ("_id", -1)], where="changes.field"),
        Index([*OF_PROFILE, ("seq", 1)]),
        Index([("workspace", 1), ("uuid", 1)]),
        Index([("workspace", 1), ("arrival", 1)]),
    ),
)


def change_id(workspace_id: str, profile: bytes, kind: EntryKind, at: datetime, seq: int) -> bytes:
    """Return the `_id` of a change of the write that began after entry `seq`; a write has at most one of a kind."""
    return time_id(at, workspace_id, profile.hex(), kind, str(seq))


def arrival_of(at: datetime, profile: bytes, seq: int) -> bytes:
    """Return what sorts entries by the time at which their writing began, those of one profile and time by `seq`."""
    return floor_id(at)[:6] + profile[-5:] + seq.to_bytes(5, "big")


CONTENT = ("action", "label", "source", "direction", "params")


def is_repeated(earlier: EventDoc, event: EventDoc, profile: bytes) -> bool:
    """Return whether an event of `profile` says what the earlier one of its UUID said.

    When and from where they arrived does not count.
    """
    return (
        earlier["profile"] == profile
        and told_time(earlier) == told_time(event)
        and all(earlier.get(key) == event.get(key) for key in CONTENT)
    )


def told_time(event: EventDoc) -> datetime:
    """Return the time that the sender gave, as it is stored."""
    return event.get("originalOccurredAt") or event["occurredAt"]


def id_range(page: PageRequest, *, since: datetime | None = None, until: datetime | None = None) -> Document:
    """Return the filter of entries within a time range and beyond a cursor, as one range over `_id`."""
    lower, upper = since and floor_id(since), until and floor_id(until)
    bound = page.bound("_id")
    if isinstance(bound, bytes) and page.backwards:
        lower = max(bound, lower or bound)
    elif isinstance(bound, bytes):
        upper = min(bound, upper or bound)
    ranged: Document = {}
    if lower is not None:
        ranged["$gt" if lower == bound else "$gte"] = lower
    if upper is not None:
        ranged["$lt"] = upper
    return {"_id": ranged} if ranged else {}


def one_of(values: Sequence[str]) -> Any:
    """Return the condition that a field is one of `values`: a single one is compared, since that is one range."""
    return values[0] if len(values) == 1 else {"$in": sorted(values)}


async def list_events(
    workspace: Workspace,
    profiles: Sequence[bytes],
    page: PageRequest,
    *,
    actions: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    projection: Projection | None = None,
) -> dict[bytes, Page[EventDoc]]:
    """Return the same page of the events of each profile, newest first, with one command."""
    matching = {
        "kind": EntryKind.EVENT,
        **({"action": one_of(actions)} if actions else {}),
        **id_range(page, since=since, until=until),
    }
    return await newest_of_each(workspace, "journal", profiles, matching, page=page, projection=projection)


async def events_by_id(workspace: Workspace, ids: Sequence[bytes]) -> list[EventDoc]:
    """Return those of the events that exist, in no order."""
    return [entry for entry in await workspace.by_id("journal", ids) if entry["kind"] == EntryKind.EVENT]
