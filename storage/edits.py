"""The write path: the one way to change a profile, as a transaction over everything that the change touches."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from inspect import isawaitable
from typing import Any, TypedDict
from weakref import WeakValueDictionary

from storage.bus import Bus
from storage.changes import Edit, changes_between, identifiers_of
from storage.derived import derive
from storage.identifiers import free_claims, identifier_id
from storage.ids import whole_milliseconds
from storage.journal import ACTIVITY_ACTIONS, RECENT, Change, EntryKind, EventDoc, change_id
from storage.mongo import Document, DuplicateKeyError, Session, write_conflict
from storage.once import Once, write_once
from storage.profiles import ProfileDoc
from storage.refusals import UserErrorCode, refuse
from storage.workspace import Workspace

BESIDE = {"notes": EntryKind.NOTE, "tasks": EntryKind.TASK}

locks: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes a profile, and through what; `user` is the person behind the credential, where it named one."""

    name: str
    source: str
    user: str | None = None


class Outcome(TypedDict):
    """What an edit came to: the profile as it became, its changes, and what else was made."""

    profile: ProfileDoc
    changes: list[Change]
    made: dict[str, Any]


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
    change: Callable[[Edit], Awaitable[None] | None],
    *,
    actor: Actor,
    bus: Bus | None = None,
    created_at: datetime | None = None,
    expected_version: int | None = None,
    once: Once | None = None,
    dry_run: bool = False,
) -> Outcome | None:
    """Change one profile in one transaction and return what came of it; None when the profile does not exist.

    `change` is called with the working copy, and again whenever the transaction has to start over, so it must only
    look at and change that. It may raise `RefusedError`: then nothing is left. With `created_at` a profile that does
    not exist is made. Edits of one profile queue up in this process; other processes are met by `seq`, which every
    write moves. After the commit a hint tells live feeds where to look.
    """

    async def body(session: Session) -> Document:
        found = await workspace.find_one("profiles", {"_id": profile}, session=session)
        if found is None and created_at is None:
            return {}
        now = whole_milliseconds(datetime.now(UTC))
        before = found or blank_profile(workspace, profile, whole_milliseconds(created_at or now))
        if expected_version not in (None, before["version"]):
            raise refuse(
                UserErrorCode.VERSION_CONFLICT,
                ["expectedVersion"],
                f"The profile is at version {before['version']} now; look at it again before you change it.",
            )
        working = Edit(workspace, session, deepcopy(before), now)
        doing = change(working)
        if isawaitable(doing):
            await doing
        return dict(await write(before, working, actor=actor))

    async with locks.setdefault(profile, asyncio.Lock()):
        answer, repeated = await write_once(workspace, body, once=once, dry_run=dry_run)
    if not answer:
        return None
    outcome: Outcome = answer  # type: ignore[assignment]  # as `body` returned it
    if bus is not None and not repeated and not dry_run:
        await bus.hint(f"profile:{profile.hex()}", str(outcome["profile"]["seq"]))
    return outcome


async def write(before: ProfileDoc, working: Edit, *, actor: Actor) -> Outcome:
    """Write what an edit changed, inside its transaction; an edit without effect writes nothing."""
    workspace, session, after = working.workspace, working.session, working.profile
    told = told_changes(before, working)
    fresh = await fold_events(working)
    changes = [change for of_kind in told.values() for change in of_kind]
    outcome: Outcome = {"profile": after, "changes": changes, "made": working.made}
    if not told and not fresh and after == before:
        return outcome
    common = {"workspace": workspace.id, "profile": before["_id"], "actor": actor.name, "user": actor.user}
    entries = [change_entry(before, working, kind, of_kind, actor) for kind, of_kind in told.items()] + [
        {"kind": EntryKind.EVENT, **event} for event in fresh
    ]
    after["version"] = before["version"] + bool(told)
    after["seq"] = before["seq"] + len(entries)
    derive(after)
    await save(before, after, workspace, session)
    await claim(before, after, workspace, session)
    await write_beside(working)
    numbered = enumerate(entries, before["seq"] + 1)
    await add_entries([{**common, **entry, "seq": seq} for seq, entry in numbered], workspace, session)
    return outcome


def told_changes(before: ProfileDoc, working: Edit) -> dict[EntryKind, list[Change]]:
    """Return the changes to tell of, by kind; that a profile was made is one without any."""
    told: dict[EntryKind, list[Change]] = {} if before["seq"] else {EntryKind.PROFILE: []}
    for kind, change in changes_between(before, working.profile):
        told.setdefault(kind, []).append(change)
    for collection, was, became in working.beside:
        id = (was or became or {})["_id"].hex()
        told.setdefault(BESIDE[collection], []).append({"field": f"{collection}.{id}", "before": was, "after": became})
    return told


def change_entry(before: ProfileDoc, working: Edit, kind: EntryKind, changes: list[Change], actor: Actor) -> Document:
    made = kind is EntryKind.PROFILE and not before["seq"]
    return {
        "_id": change_id(working.workspace.id, before["_id"], kind, working.now, before["seq"]),
        "kind": kind,
        "action": "profile.create" if made else f"{kind.lower()}.change",
        "occurredAt": working.now,
        "receivedAt": working.now,
        "source": actor.source,
        "changes": changes,
    }


async def save(before: ProfileDoc, after: ProfileDoc, workspace: Workspace, session: Session) -> None:
    """Write the profile, unless another process was faster."""
    if not before["seq"]:
        await insert_first("profiles", [dict(after)], workspace, session)
        return
    # By its `_id` alone, since this transaction has found it in its workspace: the stand-in would read all the others.
    unmoved = {"_id": after["_id"], "seq": before["seq"]}
    fields = {key: value for key, value in after.items() if before.get(key) != value}
    if not await workspace.database.update("profiles", unmoved, {"$set": fields}, session=session):
        raise write_conflict()


async def claim(before: ProfileDoc, after: ProfileDoc, workspace: Workspace, session: Session) -> None:
    """Claim the identifiers that are new and release those that are gone; one that is taken is refused."""
    had, has = (identifiers_of(profile) for profile in (before, after))
    released = [identifier_id(workspace, kind, value) for kind, value in had - has]
    if released:
        await workspace.database.delete("identifiers", workspace.own({"_id": {"$in": released}}), session=session)
    claims = await free_claims(workspace, sorted(has - had), after["_id"], session=session) if has - had else []
    await insert_first("identifiers", [dict(claimed) for claimed in claims], workspace, session)


async def insert_first(collection: str, documents: Sequence[Document], workspace: Workspace, session: Session) -> None:
    """Insert what nobody else has; when somebody was faster, start over and see what they did."""
    try:
        await workspace.database.insert(collection, documents, session=session)
    except DuplicateKeyError as error:
        raise write_conflict() from error


async def add_entries(entries: Sequence[Document], workspace: Workspace, session: Session) -> None:
    """Add to the journal; only an event can be there before, under another profile, since its id is of its UUID."""
    try:
        await workspace.database.insert("journal", entries, session=session)
    except DuplicateKeyError as error:
        raise refuse(
            UserErrorCode.ALREADY_EXISTS, ["uuid"], "Another profile has an event with this UUID and time."
        ) from error


async def write_beside(working: Edit) -> None:
    """Write the documents beside the profile."""
    database, session = working.workspace.database, working.session
    for collection, was, became in working.beside:
        if was is not None:
            await database.delete(collection, working.workspace.own({"_id": was["_id"]}), session=session)
        if became is not None:
            await database.insert(collection, [became], session=session)


async def fold_events(working: Edit) -> list[EventDoc]:
    """Fold the events that the profile does not have yet into it, and return them."""
    known = await working.earlier_events(event["uuid"] for event in working.events)
    fresh: dict[str, EventDoc] = {}
    for event in working.events:
        if event["uuid"] not in known:
            fresh.setdefault(event["uuid"], event)
    after = working.profile
    after["recent"] = sorted([*after["recent"], *fresh.values()], key=lambda event: event["_id"], reverse=True)[:RECENT]
    after["eventCount"] += len(fresh)
    active = [event["occurredAt"] for event in fresh.values() if event["action"] in ACTIVITY_ACTIONS]
    after["lastActivityAt"] = max([*active, *filter(None, [after["lastActivityAt"]])], default=None)
    return list(fresh.values())
