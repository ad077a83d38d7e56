"""The write path: the one way to change a profile, as a transaction over everything that the change touches."""

import asyncio
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from weakref import WeakValueDictionary

from storage.bus import Bus
from storage.changes import Edit
from storage.derived import derive
from storage.identifiers import identifier_id
from storage.ids import time_id, whole_milliseconds
from storage.journal import ACTIVITY_ACTIONS, RECENT, Change, EntryKind, EventDoc
from storage.mongo import Document, Session, write_conflict
from storage.profiles import ProfileDoc
from storage.workspace import Workspace

locks: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes a profile, and through what."""

    name: str
    source: str


def blank_profile(workspace: Workspace, profile: bytes, created_at: datetime) -> ProfileDoc:
    return {
        "_id": profile,
        "workspace": workspace.id,
        "createdAt": created_at,
        "version": 0,
        "seq": 0,
        "eventCount": 0,
        "description": None,
        "identities": {"email": None, "phone": None, "customId": None, "uuids": [], "firebaseIds": []},
        "attributes": [],
        "tags": [],
        "agreements": [],
        "geo": None,
        "lastActivityAt": None,
        "recent": [],
    }


async def edit(
    workspace: Workspace,
    profile: bytes,
    change: Callable[[Edit], None],
    *,
    actor: Actor,
    bus: Bus | None = None,
    created_at: datetime | None = None,
) -> ProfileDoc | None:
    """Change one profile in one transaction and return it as it became; None when it does not exist.

    `change` is called with the working copy, and again whenever the transaction has to start over, so it must only
    look at and change that. With `created_at` a profile that does not exist is made. Edits of one profile queue up in
    this process; other processes are met by the version. After the commit a hint tells live feeds where to look.
    """

    async def body(session: Session) -> ProfileDoc | None:
        found = await workspace.find_one("profiles", {"_id": profile}, session=session)
        if found is None and created_at is None:
            return None
        now = whole_milliseconds(datetime.now(UTC))
        before = found or blank_profile(workspace, profile, whole_milliseconds(created_at or now))
        working = Edit(deepcopy(before), now=now)
        change(working)
        return await write(workspace, before, working, actor=actor, session=session)

    async with locks.setdefault(profile, asyncio.Lock()):
        changed = await workspace.database.transaction(body)
    if changed is not None and bus is not None:
        await bus.hint(f"profile:{profile.hex()}", str(changed["seq"]))
    return changed


async def write(
    workspace: Workspace, before: ProfileDoc, working: Edit, *, actor: Actor, session: Session
) -> ProfileDoc:
    """Write what an edit changed, inside its transaction; an edit without effect writes nothing."""
    database, after = workspace.database, working.profile
    entries = await new_entries(workspace, before, working, actor=actor, session=session)
    if not entries and after == before:
        return before
    after["seq"] = before["seq"] + len(entries)
    after["version"] = before["version"] + 1
    derive(after)
    for number, entry in enumerate(entries, before["seq"] + 1):
        entry["seq"] = number
    if before["version"] == 0:
        await database.insert("profiles", [dict(after)], session=session)
    else:
        fields = {key: value for key, value in after.items() if before.get(key) != value}
        versioned = {"_id": after["_id"], "version": before["version"]}
        if not await database.update("profiles", workspace.own(versioned), {"$set": fields}, session=session):
            raise write_conflict()
    await database.insert("identifiers", claimed(workspace, working), session=session)
    await database.insert("notes", [dict(note) for note in working.notes], session=session)
    await database.insert("journal", entries, session=session)
    return after


def claimed(workspace: Workspace, working: Edit) -> list[Document]:
    return [
        {
            "_id": identifier_id(workspace, kind, value),
            "workspace": workspace.id,
            "kind": kind,
            "value": value,
            "profile": working.profile["_id"],
        }
        for kind, value in working.claims
    ]


async def new_entries(
    workspace: Workspace, before: ProfileDoc, working: Edit, *, actor: Actor, session: Session
) -> list[Document]:
    """Return the journal entries of an edit without their `seq`, and fold its events into the profile."""
    after, common = working.profile, {"workspace": workspace.id, "profile": before["_id"], "actor": actor.name}
    created: dict[EntryKind, list[Change]] = {} if before["version"] else {EntryKind.PROFILE: []}
    told = created | working.changes
    entries: list[Document] = [
        {
            **common,
            "_id": time_id(working.now, workspace.id, before["_id"].hex(), kind, str(before["version"])),
            "kind": kind,
            "action": "profile.create" if kind in created else f"{kind.lower()}.change",
            "occurredAt": working.now,
            "receivedAt": working.now,
            "source": actor.source,
            "changes": changes,
        }
        for kind, changes in told.items()
    ]
    known = await known_uuids(workspace, before, working.events, session=session)
    fresh = {event["uuid"]: event for event in working.events if event["uuid"] not in known}
    entries += [{**common, "kind": EntryKind.EVENT, **event} for event in fresh.values()]
    after["recent"] = sorted([*after["recent"], *fresh.values()], key=lambda event: event["_id"], reverse=True)[:RECENT]
    after["eventCount"] += len(fresh)
    active = [event["occurredAt"] for event in fresh.values() if event["action"] in ACTIVITY_ACTIONS]
    after["lastActivityAt"] = max([*active, *filter(None, [after["lastActivityAt"]])], default=None)
    return entries


async def known_uuids(
    workspace: Workspace, before: ProfileDoc, events: list[EventDoc], *, session: Session
) -> frozenset[str]:
    """Return the UUIDs of `events` that the profile has already."""
    if not events or not before["eventCount"]:
        return frozenset()
    uuids = [event["uuid"] for event in events]
    found = await workspace.find(
        "journal",
        {"profile": before["_id"], "uuid": {"$in": uuids}},
        projection={"uuid": 1},
        session=session,
    )
    return frozenset(row["uuid"] for row in found)
