"""Ingestion: a batch of incoming events becomes one edit a profile, and each event learns what became of it."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

from resolvers.attribution import belongs, identify
from resolvers.context import Context
from resolvers.incoming import Claim, Incoming, read_event
from resolvers.mutations import not_found, told
from storage.changes import Edit
from storage.edits import Actor, edit
from storage.errors import UnavailableError
from storage.identifiers import NAMES, IdentifierKind, owners
from storage.ids import time_id, to_public
from storage.journal import PREFIX, EventDoc, EventResult, events_by_id, same_event
from storage.refusals import RefusedError, UserError, UserErrorCode

IN_FLIGHT = 2  # the stand-in for MongoDB gets no faster with more
ROUNDS = 10


class EventResultDoc(TypedDict):
    """What became of an event. `field` is the path within it; `id` is of the event that has its UUID."""

    status: EventResult
    id: str | None
    code: UserErrorCode | None
    field: list[str]
    message: str | None


@dataclass(slots=True)
class Group:
    """Events of one profile, with their places in the batch; `is_new` when it has to be made."""

    profile: bytes
    is_new: bool = False
    items: list[tuple[int, Incoming]] = field(default_factory=list)


@dataclass(slots=True)
class Batch:
    """A batch that runs: `waiting` are events whose profile has to be found, once more after a race for it."""

    context: Context
    actor: Actor
    dry_run: bool
    waiting: list[tuple[int, Incoming]] = field(default_factory=list)
    results: dict[int, EventResultDoc] = field(default_factory=dict)

    def reject(self, place: int, refused: RefusedError) -> None:
        self.results[place] = rejected(self.context, refused.errors[0])

    async def write_all(self, groups: Sequence[Group]) -> None:
        queue = deque(groups)

        async def work() -> None:
            while queue:
                await self.write(queue.popleft())

        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(IN_FLIGHT):
                    tasks.create_task(work())
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed

    async def write(self, group: Group) -> None:
        """Write the events of one profile; those that are not this profile's after all wait for the next round."""
        results: dict[int, EventResultDoc] = {}

        async def change(working: Edit) -> None:
            results.clear()
            results.update(await record(self.context, working, group))

        try:
            outcome = await edit(
                self.context.workspace,
                group.profile,
                change,
                actor=self.actor,
                bus=self.context.bus,
                created_at=self.context.now if group.is_new else None,
                dry_run=self.dry_run,
            )
        except RefusedError as refused:
            if refused.errors[0].code is UserErrorCode.ALREADY_EXISTS:
                self.results.update(await held_elsewhere(self.context, group, results))
        else:
            self.results.update(results)
            if outcome is None:
                for place, incoming in group.items:
                    if incoming.profile is not None:
                        self.reject(place, not_found(["person", "profileId"]))
        self.waiting += [item for item in group.items if item[0] not in self.results]


async def ingest(
    context: Context, actor: Actor, events: Sequence[Any], *, dry_run: bool = False
) -> list[EventResultDoc]:
    """Write events and return what became of each, in their order; sending the same again changes nothing.

    Raises `UnavailableError` when the store does not answer: some of the events may be written by then.
    """
    batch = Batch(context, actor, dry_run)
    for place, given in enumerate(events):
        try:
            batch.waiting.append((place, read_event(given, now=context.now)))
        except RefusedError as refused:
            batch.reject(place, refused)
    for _ in range(ROUNDS):
        items, batch.waiting = sorted(batch.waiting, key=lambda item: item[0]), []
        await batch.write_all(await find_profiles(batch, items))
        if not batch.waiting:
            return [batch.results[place] for place in range(len(events))]
    raise UnavailableError("Others keep changing whom the identifiers belong to; try again shortly.")


async def find_profiles(batch: Batch, items: Sequence[tuple[int, Incoming]]) -> list[Group]:
    """Group events by the profile that each belongs to, as if they came one after the other.

    What an event says is known to those after it: two events of one new person make one profile.
    """
    context = batch.context
    claims = sorted({claim for _, incoming in items for claim in incoming.claims})
    taken = await owners(context.workspace, claims) if claims else []
    owner: dict[Claim, bytes] = {(found["kind"], found["value"]): found["profile"] for found in taken}
    groups: dict[bytes, Group] = {}
    for place, incoming in items:
        profile = incoming.profile or next((owner[claim] for claim in incoming.claims if claim in owner), None)
        is_new = profile is None
        key = profile or time_id(context.now)
        others = [claim for claim in incoming.claims if owner.get(claim, key) != key]
        if others:
            batch.reject(place, taken_by(owner[others[0]], others[0][0]))
            continue
        owner.update(dict.fromkeys(incoming.claims, key))
        groups.setdefault(key, Group(key, is_new)).items.append((place, incoming))
    return list(groups.values())


def taken_by(owner: bytes, kind: IdentifierKind) -> RefusedError:
    message = "Another profile has this value than the one that the event belongs to."
    path = ("person", NAMES[kind])
    return RefusedError([UserError(UserErrorCode.IDENTIFIER_TAKEN, path, message, owner=owner)])


async def record(context: Context, working: Edit, group: Group) -> Mapping[int, EventResultDoc]:
    """Add the new events of a group to the profile and return the results, without those that must wait."""
    known = dict(await working.earlier_events(incoming.event["uuid"] for _, incoming in group.items))
    results: dict[int, EventResultDoc] = {}
    for place, incoming in group.items:
        earlier = known.get(incoming.event["uuid"])
        if earlier is not None:
            results[place] = repeated(earlier, incoming.event)
            continue
        try:
            if belongs(working, incoming):
                identify(working, incoming)
                added = known[incoming.event["uuid"]] = working.add_event(incoming.event)
                results[place] = result(EventResult.CREATED, added)
        except RefusedError as refused:
            results[place] = rejected(context, refused.errors[0])
    return results


async def held_elsewhere(
    context: Context, group: Group, tried: Mapping[int, EventResultDoc]
) -> Mapping[int, EventResultDoc]:
    """Return the results of those events that another profile has, by UUID and time."""
    workspace = context.workspace
    ids = {
        time_id(incoming.event["occurredAt"], workspace.id, incoming.event["uuid"]): place
        for place, incoming in group.items
        if place in tried
    }
    found = [event for event in await events_by_id(workspace, list(ids)) if event["profile"] != group.profile]
    return {ids[event["_id"]]: conflict(event) for event in found}


def repeated(earlier: EventDoc, event: EventDoc) -> EventResultDoc:
    return result(EventResult.DUPLICATE, earlier) if same_event(earlier, event) else conflict(earlier)


def result(status: EventResult, event: EventDoc) -> EventResultDoc:
    return {"status": status, "id": to_public(PREFIX, event["_id"]), "code": None, "field": [], "message": None}


def conflict(earlier: EventDoc) -> EventResultDoc:
    return {
        **result(EventResult.CONFLICT, earlier),
        "code": UserErrorCode.ALREADY_EXISTS,
        "field": ["uuid"],
        "message": "Another event has this UUID; an event that says something else needs one of its own.",
    }


def rejected(context: Context, error: UserError) -> EventResultDoc:
    explained = told(context, error)
    return {"status": EventResult.REJECTED, "id": None, **explained}
