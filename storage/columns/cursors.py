"""Cursors: how far the work on a workspace's columns has got, and the lease of the process that does it."""

from datetime import timedelta
from enum import StrEnum
from typing import Any, TypedDict

from storage.store import leases
from storage.store.collections import Collection, Erasure
from storage.store.leases import LostLeaseError
from storage.store.mongo import Database, Document
from storage.store.workspace import Workspace


class Purpose(StrEnum):
    """Work on the columns of a workspace."""

    FOLD = "fold"
    """Follow the journal; the position is the arrival up to which nothing more can come."""
    SWEEP = "sweep"
    """Delete leaves that no head names; the position is the last leaf that was looked at."""
    REBUILD = "rebuild"
    """Fold everything anew; the position is the last profile that was done."""


class CursorDoc(TypedDict):
    """How far the work is. `fence` counts claims; `renewedAt` is when its holder last wrote, by the store's clock."""

    _id: str
    workspace: str
    purpose: Purpose
    position: bytes
    held: bool
    fence: int
    renewedAt: Any


# A workspace has one for each purpose, so they are found by their ids alone.
COLLECTION = Collection(
    name="cursors",
    erasure=Erasure.OF_WORKSPACE,
    required={
        "_id": "string",
        "workspace": "string",
        "purpose": "string",
        "position": "binData",
        "held": "bool",
        "fence": ["int", "long"],
        "renewedAt": "date",
    },
)


def cursor_id(workspace: Workspace, purpose: Purpose) -> str:
    return f"{workspace.id}/{purpose}"


async def cursor_of(workspace: Workspace, purpose: Purpose, *, position: bytes) -> CursorDoc:
    """Return a cursor, which is made at a position unless it is there."""
    id = cursor_id(workspace, purpose)
    found: list[CursorDoc] = await workspace.by_id("cursors", [id])
    if found:
        return found[0]
    now = await workspace.database.now()
    cursor: CursorDoc = {
        "_id": id,
        "workspace": workspace.id,
        "purpose": purpose,
        "position": position,
        "held": False,
        "fence": 0,
        "renewedAt": now,
    }
    await workspace.database.insert_missing("cursors", [dict(cursor)])
    found = await workspace.by_id("cursors", [id])
    return found[0]


async def claim(database: Database, cursor: CursorDoc, *, lease: timedelta, every: timedelta) -> CursorDoc | None:
    """Claim the work, unless somebody does it, or was done with it less than `every` ago."""
    due = await database.now() - (lease if cursor["held"] else every)
    if cursor["renewedAt"] > due:
        return None
    seen = {key: cursor[key] for key in ("_id", "fence", "held", "renewedAt")}
    if await leases.claimed(database, "cursors", seen, {"$set": {"held": True}}):
        return {**cursor, "held": True, "fence": cursor["fence"] + 1}
    return None


async def move(database: Database, cursor: CursorDoc, position: bytes, *, held: bool = True) -> None:
    """Say that the work is done up to a position; raises `LostLeaseError` when it is somebody else's now."""
    update = {"$set": {"position": position, "held": held}, **leases.RENEWED}
    if not await leases.write(database, "cursors", held_by(cursor), update):
        raise LostLeaseError
    cursor["position"] = position


async def give_back(database: Database, cursor: CursorDoc) -> None:
    """Let another process go on at once, if the work is still this one's."""
    await leases.write(database, "cursors", held_by(cursor), {"$set": {"held": False}, **leases.RENEWED})


async def remove(database: Database, cursor: CursorDoc) -> None:
    """Forget the work, which is over; raises `LostLeaseError`."""
    if not await database.delete("cursors", held_by(cursor)):
        raise LostLeaseError


def held_by(cursor: CursorDoc) -> Document:
    return {"_id": cursor["_id"], "fence": cursor["fence"], "held": True}
