"""What a transaction writes: profiles, the identifiers they claim, the documents beside them, and the journal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

from storage.actors import Actor
from storage.changes import Change, ChangeDoc, change_id
from storage.events import ACTIVITY_ACTIONS, RECENT, EventDoc
from storage.identifiers import Claim, free_claims, identifier_id
from storage.journal import EntryKind, arrival_of
from storage.parts import identifiers_of
from storage.profiles import ProfileDoc
from storage.store.mongo import Document, Session, write_conflict
from storage.store.workspace import Workspace
from storage.write.comparing import changes_between
from storage.write.derived import derive
from storage.write.working_copy import Edit

# A kind of entries, the action that it tells of, and what changed.
Told = tuple[EntryKind, str, list[Change]]
# Kinds whose changes by one write are one entry; every other change has an entry of its own.
TOGETHER = frozenset({EntryKind.PROFILE, EntryKind.ATTRIBUTE, EntryKind.TAG})


class Outcome(TypedDict):
    """What an edit came to: the profile as it became, the entries that tell of its changes, and what else was made."""

    profile: ProfileDoc
    changes: list[ChangeDoc]
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
        told = await tell(working, actor)
        made = told or []
        if told is not None:
            written.append(working)
            entries += made
        changes = [entry for entry in made if entry["kind"] is not EntryKind.EVENT]
        outcomes[working.before["_id"]] = {"profile": working.profile, "changes": changes, "made": working.made}
    await store(written, entries, workspace, session)
    return outcomes


async def tell(working: Edit, actor: Actor) -> list[Any] | None:
    """Finish an edit and return the entries that tell of it; None when it is without effect.

    What a device was last seen at has an effect that no entry tells of.
    """
    told = [*own_changes(working), *changes_beside(working)]
    new_events = await fold_events(working, after=working.before["seq"] + len(told))
    if told or new_events or working.profile != working.before:
        return finish(working, told, new_events, actor)
    return None


async def store(edits: Sequence[Edit], entries: Sequence[Document], workspace: Workspace, session: Session) -> None:
    """Write finished edits and what tells of them."""
    await save(edits, workspace, session)
    await claim(edits, workspace, session)
    await write_beside(edits, workspace, session)
    await workspace.database.insert_first("journal", entries, session=session)


def own_changes(working: Edit) -> list[Told]:
    """Return the changes of the profile itself, one by one or together as their kind is told.

    That a profile is new is told by an entry without any.
    """
    is_new = not working.before["seq"]
    together: dict[EntryKind, list[Change]] = {EntryKind.PROFILE: []} if is_new else {}
    alone: list[Told] = []
    for kind, change in changes_between(working.before, working.profile):
        if kind in TOGETHER:
            together.setdefault(kind, []).append(change)
        else:
            alone.append((kind, f"{kind.lower()}.change", [change]))
    verbs = {EntryKind.PROFILE: "create" if is_new else "update"}
    told = [(kind, f"{kind.lower()}.{verbs.get(kind, 'change')}", changes) for kind, changes in together.items()]
    return [*told, *alone]


def changes_beside(working: Edit) -> Iterator[Told]:
    """Yield the changes of the documents beside the profile, of which each has an entry of its own."""
    for noun, was, became in working.beside:
        if noun.kind is None:
            raise ValueError(f"{noun.type} does not stand beside profiles: it declares no kind of entries.")
        verb = "create" if was is None else "delete" if became is None else "update"
        field = f"{noun.collection.name}.{(was or became or {})['_id'].hex()}"
        yield noun.kind, f"{noun.kind.lower()}.{verb}", [{"field": field, "before": was, "after": became}]


async def fold_events(working: Edit, *, after: int) -> list[EventDoc]:
    """Fold the events that nobody has yet into the profile, and return them, numbered on from the entry `after`."""
    stored = await working.stored_events.by_uuid(event["uuid"] for event in working.events)
    new_events: list[EventDoc] = []
    for event in working.events:
        if event["uuid"] not in stored:
            new_events.append({**event, "seq": after + len(new_events) + 1})
            working.stored_events.add(event)
    profile = working.profile
    newest = sorted([*profile["recent"], *new_events], key=lambda event: event["_id"], reverse=True)
    profile["recent"] = newest[:RECENT]
    profile["eventCount"] += len(new_events)
    active = [event["occurredAt"] for event in new_events if event["action"] in ACTIVITY_ACTIONS]
    profile["lastActivityAt"] = max([*active, *filter(None, [profile["lastActivityAt"]])], default=None)
    return new_events


def finish(working: Edit, told: Sequence[Told], new_events: Sequence[EventDoc], actor: Actor) -> list[Document]:
    """Bring the profile's own numbers and derived parts up to date, and return its entries in the journal.

    Its version counts the edits of the profile itself; what stands beside it has versions of its own.
    """
    before, after = working.before, working.profile
    common = {"workspace": before["workspace"], "profile": before["_id"], "actor": actor.document()}
    entries: list[Document] = [change_entry(working, each, actor) for each in told]
    entries += [{"kind": EntryKind.EVENT, **event} for event in new_events]
    after["version"] = before["version"] + (len(told) > len(working.beside))
    after["seq"] = before["seq"] + len(entries)
    derive(after)
    return [
        {**common, **entry, "seq": seq, "arrival": arrival_of(working.now, before["_id"], seq)}
        for seq, entry in enumerate(entries, before["seq"] + 1)
    ]


def change_entry(working: Edit, told: Told, actor: Actor) -> Document:
    before, (kind, action, changes) = working.before, told
    entry = {
        "profile": before["_id"],
        "kind": kind,
        "action": action,
        "occurredAt": working.now,
        "receivedAt": working.now,
        "source": actor.source,
        "changes": changes,
    }
    return {"_id": change_id(before["workspace"], entry, before["seq"]), **entry}


async def save(edits: Sequence[Edit], workspace: Workspace, session: Session) -> None:
    """Write the profiles, unless another process was faster with one."""
    new = [dict(working.profile) for working in edits if not working.before["seq"]]
    await workspace.database.insert_first("profiles", new, session=session)
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
        await workspace.database.insert_first("identifiers", [dict(claimed) for claimed in free], session=session)


async def write_beside(edits: Sequence[Edit], workspace: Workspace, session: Session) -> None:
    """Write the documents beside the profiles; by `_id` alone, as the transaction has found them in their workspace."""
    for noun, was, became in (put for working in edits for put in working.beside):
        collection = noun.collection.name
        if was is not None:
            await workspace.database.delete(collection, {"_id": was["_id"]}, session=session)
        if became is not None:
            await workspace.database.insert(collection, [dict(became)], session=session)
