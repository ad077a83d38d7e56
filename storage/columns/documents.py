"""What is stored of a profile's columns: a head, which says how far they go, and the leaves beneath it."""

from collections.abc import Sequence
from typing import Any, TypedDict

from storage.store.collections import OF_PROFILE, Collection, Erasure, Index
from storage.store.mongo import Projection
from storage.store.workspace import Workspace

# The form of the documents. Columns of another one are made anew from the journal when they are read.
ENGINE = 1
HEADS, LEAVES = "heads", "leaves"


class LeafEntry(TypedDict):
    """A leaf in the directory: its document, how many events it has, and the ids of the first and the last."""

    id: bytes
    count: int
    first: bytes
    last: bytes


class HeadDoc(TypedDict):
    """How far a profile's events are in columns: those of the journal up to `seq`.

    Leaves are in the order of their events, and before those of `open`, the newest ones. `gen` counts writes, so that
    of two processes that fold the same profile one wins. A head is replaced and never taken away, so that no number
    comes again.
    """

    _id: bytes
    workspace: str
    profile: bytes
    seq: int
    gen: int
    engine: int
    leaves: list[LeafEntry]
    open: dict[str, Any]


class LeafDoc(TypedDict):
    """Columns of some events in a row; it is never changed, but another takes its place."""

    _id: bytes
    workspace: str
    profile: bytes
    columns: dict[str, Any]


HEADS_COLLECTION = Collection(
    name=HEADS,
    erasure=Erasure.DELETED,
    required={
        "_id": "binData",
        "workspace": "string",
        "profile": "binData",
        "seq": ["int", "long"],
        "gen": ["int", "long"],
        "engine": ["int", "long"],
        "leaves": "array",
        "open": "object",
    },
    indexes=(Index(OF_PROFILE),),
)
LEAVES_COLLECTION = Collection(
    name=LEAVES,
    erasure=Erasure.DELETED,
    required={"_id": "binData", "workspace": "string", "profile": "binData", "columns": "object"},
    indexes=(Index(OF_PROFILE), Index([("workspace", 1), ("_id", 1)])),
)


async def heads_of(
    workspace: Workspace, profiles: Sequence[bytes], *, projection: Projection | None = None
) -> dict[bytes, HeadDoc]:
    """Return the heads of those of the profiles that have one, of whatever form; a projection has `workspace`."""
    found: list[HeadDoc] = await workspace.by_id(HEADS, profiles, projection=projection)
    return {head["_id"]: head for head in found}


async def head_of(workspace: Workspace, profile: bytes) -> HeadDoc | None:
    return (await heads_of(workspace, [profile])).get(profile)


async def leaves_by_id(workspace: Workspace, ids: list[bytes]) -> dict[bytes, LeafDoc]:
    found: list[LeafDoc] = await workspace.by_id(LEAVES, ids) if ids else []
    return {leaf["_id"]: leaf for leaf in found}
