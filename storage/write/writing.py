"""What a transaction writes: profiles, the identifiers they claim, the documents beside them, and the journal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from storage.changes import Change, change_id
from storage.events import ACTIVITY_ACTIONS, RECENT, EventDoc
from storage.identifiers import Claim, free_claims, identifier_id
from storage.journal import EntryKind, arrival_of
from storage.parts import identifiers_of
from storage.profiles import ProfileDoc
from storage.store.mongo import Document, DuplicateKeyError, Session, write_conflict
from storage.store.workspace import Workspace
from storage.write.comparing import changes_between
from storage.write.derived import derive
from storage.write.working_copy import Edit


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


async def write(
    edits: Sequence[Edit], workspace: Workspace, session: Session, *, actor: Actor
) -> Mapping[bytes, Outcome]:
    """Write what edits changed, inside their transaction; an edit without effect writes nothing."""
    written: list[Edit] = []
    entries: list[Document] = []
    outcomes: dict[bytes, Outcome] = {}
    for working in edits:
        if working.is_abandoned:
            continue
        by_kind = changes_by_kind(working)
        new_events = await fold_events(working)
        changes = [change for of_kind in by_kind.values() for change in of_kind]
        outcomes[working.before["_id"]] = {"profile": working.profile, "changes": changes, "made": working.made}
        if by_kind or new_events or working.profile != working.before:
            written.append(working)
            entries += finish(working, by_kind, new_events, actor)
    await save(written, workspace, session)
    await claim(written, workspace, session)
    await write_beside(written, workspace, session)
    await insert_first("journal", entries, workspace, session)
    return outcomes


def changes_by_kind(working: Edit) -> dict[EntryKind, list[Change]]:
    """Return the changes by the kind of their entry; that a profile is new is told by an entry without any."""
    by_kind: dict[EntryKind, list[Change]] = {} if working.before["seq"] else {EntryKind.PROFILE: []}
    for kind, change in changes_between(working.before, working.profile):
        by_kind.setdefault(kind, []).append(change)
    for noun, was, became in working.beside:
        if noun.kind is None:
            raise ValueError(f"{noun.type} does not stand beside profiles: it declares no kind of entries.")
        field = f"{noun.collection.name}.{(was or became or {})['_id'].hex()}"
        by_kind.setdefault(noun.kind, []).append({"field": field, "before": was, "after": became})
    return by_kind


async def fold_events(working: Edit) -> list[EventDoc]:
    """Fold the events that nobody has yet into the profile, and return them."""
    stored = await working.stored_events.by_uuid(event["uuid"] for event in working.events)
    new_events = []
    for event in working.events:
        if event["uuid"] not in stored:
            new_events.append(event)
            working.stored_events.add(event)
    after = working.profile
    after["recent"] = sorted([*after["recent"], *new_events], key=lambda event: event["_id"], reverse=True)[:RECENT]
    after["eventCount"] += len(new_events)
    active = [event["occurredAt"] for event in new_events if event["action"] in ACTIVITY_ACTIONS]
    after["lastActivityAt"] = max([*active, *filter(None, [after["lastActivityAt"]])], default=None)
    return new_events


def finish(
    working: Edit, by_kind: Mapping[EntryKind, list[Change]], new_events: Sequence[EventDoc], actor: Actor
) -> list[Document]:
    """Bring the profile's own numbers and derived parts up to date, and return its entries in the journal."""
    before, after = working.before, working.profile
    common = {"workspace": before["workspace"], "profile": before["_id"], "actor": actor.name, "user": actor.user}
    entries = [change_entry(working, kind, of_kind, actor) for kind, of_kind in by_kind.items()] + [
        {"kind": EntryKind.EVENT, **event} for event in new_events
    ]
    after["version"] = before["version"] + bool(by_kind)
    after["seq"] = before["seq"] + len(entries)
    derive(after)
    return [
        {**common, **entry, "seq": seq, "arrival": arrival_of(working.now, before["_id"], seq)}
        for seq, entry in enumerate(entries, before["seq"] + 1)
    ]


def change_entry(working: Edit, kind: EntryKind, changes: list[Change], actor: Actor) -> Document:
    before = working.before
    made = kind is EntryKind.PROFILE and not before["seq"]
    return {
        "_id": change_id(before["workspace"], before["_id"], kind, working.now, before["seq"]),
        "kind": kind,
        "action": "profile.create" if made else f"{kind.lower()}.change",
        "occurredAt": working.now,
        "receivedAt": working.now,
        "source": actor.source,
        "changes": changes,
    }


async def save(edits: Sequence[Edit], workspace: Workspace, session: Session) -> None:
    """Write the profiles, unless another process was faster with one."""
    new = [dict(working.profile) for working in edits if not working.before["seq"]]
    await insert_first("profiles", new, workspace, session)
    # By `_id` alone: the transaction has found them in their workspace, and the store refuses to write a document that
    # changed after its snapshot. It replaces them whole, which takes the stand-in half as long as to set some fields.
    stored = [({"_id": working.before["_id"]}, dict(working.profile)) for working in edits if working.before["seq"]]
    if await workspace.database.replace("profiles", stored, session=session) != len(stored):
        raise write_conflict()


async def repair_profile(workspace: Workspace, profile: ProfileDoc, right: Document, *, session: Session) -> None:
    """Set derived parts of a profile that are wrong, unless it was written to meanwhile; no entry tells of it."""
    unmoved = workspace.own({"_id": profile["_id"], "seq": profile["seq"]})
    if not await workspace.database.update("profiles", unmoved, {"$set": right}, session=session):
        raise write_conflict()


async def claim(edits: Sequence[Edit], workspace: Workspace, session: Session) -> None:
    """Claim the identifiers that are new and release those that are gone; one that is taken is refused.

    Their `_id` is a hash that holds the workspace.
    """
    released: list[bytes] = []
    claims: list[Claim] = []
    for working in edits:
        had, has = identifiers_of(working.before), identifiers_of(working.profile)
        released += [identifier_id(workspace, kind, value) for kind, value in had - has]
        claims += [(kind, value, working.before["_id"]) for kind, value in sorted(has - had)]
    if released:
        await workspace.database.delete("identifiers", {"_id": {"$in": released}}, session=session)
    if claims:
        free = await free_claims(workspace, claims, session=session)
        await insert_first("identifiers", [dict(claimed) for claimed in free], workspace, session)


async def write_beside(edits: Sequence[Edit], workspace: Workspace, session: Session) -> None:
    """Write the documents beside the profiles; by `_id` alone, as the transaction has found them in their workspace."""
    for noun, was, became in (put for working in edits for put in working.beside):
        collection = noun.collection.name
        if was is not None:
            await workspace.database.delete(collection, {"_id": was["_id"]}, session=session)
        if became is not None:
            await workspace.database.insert(collection, [dict(became)], session=session)


async def insert_first(collection: str, documents: Sequence[Document], workspace: Workspace, session: Session) -> None:
    """Insert what nobody else has; when somebody was faster, start over and see what they did."""
    try:
        await workspace.database.insert(collection, documents, session=session)
    except DuplicateKeyError as error:
        raise write_conflict() from error
