"""The journal: everything that happened to a profile, events and changes alike, one document an entry."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from storage.store.collections import OF_PROFILE, Collection, Erasure, Index
from storage.store.ids import floor_id
from storage.store.mongo import Document
from storage.store.pages import PageRequest, newest_first


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


# No index is unique: the profile, which every write replaces in its transaction, keeps `seq` so, and a look-up in that
# transaction `uuid`; a sharded collection could not promise either (ADR 3). The first index makes a whole timeline one
# range: with `kind` in between it would be a range for each kind. That costs each entry some 0.2 ms on the stand-in.
COLLECTION = Collection(
    name="journal",
    erasure=Erasure.DELETED,
    required={
        "_id": "binData",
        "workspace": "string",
        "profile": "binData",
        "kind": "string",
        "seq": ["int", "long"],
        "actor": "object",
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


def arrival_of(at: datetime, profile: bytes, seq: int) -> bytes:
    """Return what sorts entries by the time at which their writing began, those of one profile and time by `seq`."""
    return floor_id(at)[:6] + profile[-5:] + seq.to_bytes(5, "big")


def id_range(page: PageRequest, *, since: datetime | None = None, until: datetime | None = None) -> Document:
    """Return the filter of entries within a time range and beyond a cursor, as one range over `_id`."""
    bounds = {"$gte": since, "$lt": until}
    return newest_first(page, {operator: floor_id(at) for operator, at in bounds.items() if at is not None})


def one_of(values: Sequence[str]) -> Any:
    """Return the condition that a field is one of `values`: a single one is compared, since that is one range."""
    return values[0] if len(values) == 1 else {"$in": sorted(values)}
