"""Ingestion: a batch of incoming events becomes an edit of each profile, and each event gets a result."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from resolvers.context import Context
from resolvers.ingestion.attribution import belongs, identify
from resolvers.ingestion.grouping import Group, Results, find_profiles, read_events
from resolvers.ingestion.incoming import Incoming
from resolvers.ingestion.results import EventResultDoc, rejected, repeated, result
from resolvers.refusals import not_found
from storage.actors import Actor
from storage.events import EventDoc, EventResult
from storage.idempotency import Once
from storage.store.errors import UnavailableError
from storage.store.mongo import Document
from storage.store.refusals import RefusedError
from storage.write.edits import Edits, edit_together
from storage.write.working_copy import Edit

TOGETHER = 50  # profiles in one transaction: few enough to be no burden, so many that its own cost disappears
IN_FLIGHT = 2
ROUNDS = 10


class MovedError(Exception):
    """Ends a transaction because some of its events belong to another profile; those `refused` have their result."""

    def __init__(self, refused: Results) -> None:
        super().__init__()
        self.refused = refused


async def ingest(context: Context, actor: Actor, events: Sequence[Any]) -> list[EventResultDoc]:
    """Write events and return their results, in order; sending the same events again changes nothing.

    Raises `UnavailableError` when the store does not answer, by when some of the events may be written.
    """
    items, results = read_events(context, events)
    for _ in range(ROUNDS):
        groups, rejections = await find_profiles(context, items)
        results.update(rejections)
        await write_parts(context, actor, groups, results)
        items = [item for item in items if item[0] not in results]
        if not items:
            return in_order(results)
    raise unsettled()


async def write_parts(context: Context, actor: Actor, groups: Sequence[Group], results: Results) -> None:
    """Write groups some at a time, in two concurrent transactions, so that neither we nor the store wait for long."""
    starts = iter(range(0, len(groups), TOGETHER))

    async def work() -> None:
        for start in starts:
            written: Results = {}
            try:
                await write(context, actor, groups[start : start + TOGETHER], written, dict)
            except MovedError as moved:
                written = moved.refused
            results.update(written)

    try:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(IN_FLIGHT):
                tasks.create_task(work())
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed


async def ingest_once(
    context: Context,
    actor: Actor,
    events: Sequence[Any],
    answer: Callable[[list[EventResultDoc]], Document],
    *,
    once: Once | None,
    dry_run: bool,
) -> Document:
    """Write events in one transaction and return the answer, which is kept in it: a retry gets the same."""
    items, refused = read_events(context, events)
    for _ in range(ROUNDS):
        groups, rejections = await find_profiles(context, items)
        results = {**refused, **rejections}

        def settled(results: Results = results) -> Document:
            return answer(in_order(results))

        try:
            return await write(context, actor, groups, results, settled, once=once, dry_run=dry_run)
        except MovedError as moved:
            refused.update(moved.refused)
            items = [item for item in items if item[0] not in refused]
    raise unsettled()


def unsettled() -> UnavailableError:
    return UnavailableError("The owners of these identifiers keep changing; try again shortly.")


def in_order(results: Results) -> list[EventResultDoc]:
    return [results[place] for place in sorted(results)]


async def write(
    context: Context,
    actor: Actor,
    groups: Sequence[Group],
    results: Results,
    answer: Callable[[], Document],
    *,
    once: Once | None = None,
    dry_run: bool = False,
) -> Document:
    """Write the events of some profiles in one transaction; `answer` is called when `results` has theirs.

    Raises `MovedError`, and writes nothing, when some of the events belong to other profiles after all.
    """

    async def change(edits: Edits) -> None:
        results.update(await record(context, edits, groups))

    try:
        return await edit_together(
            context.workspace,
            {group.profile: context.now if group.is_new else None for group in groups},
            change,
            lambda _: answer(),
            actor=actor,
            bus=context.bus,
            once=once,
            dry_run=dry_run,
        )
    except RefusedError as refused:
        if refused.errors[0].owner is not None:
            raise MovedError({}) from refused  # since the owners were looked up
        raise


async def record(context: Context, edits: Edits, groups: Sequence[Group]) -> Results:
    """Add the new events of each group to its profile and return the result of each."""
    uuids = {incoming.event["uuid"] for group in groups for _, incoming in group.items}
    known: dict[str, EventDoc] = {}
    results: Results = {}
    for group in groups:
        working = edits.get(group.profile)
        if working is not None:
            known = {**await working.stored_events.by_uuid(uuids), **known}
        for place, incoming in group.items:
            try:
                outcome = add(working, incoming, known)
            except RefusedError as refused:
                outcome = rejected(context, refused.errors[0])
            if outcome is not None:
                results[place] = outcome
        if working is not None:
            working.is_abandoned = not working.events
    if len(results) < sum(len(group.items) for group in groups):
        raise MovedError({place: each for place, each in results.items() if each["status"] is EventResult.REJECTED})
    return results


def add(working: Edit | None, incoming: Incoming, known: dict[str, EventDoc]) -> EventResultDoc | None:
    """Add an event to its profile unless its UUID is `known`; return the result, None when the profile is another."""
    if working is None:
        if incoming.profile is not None:
            raise not_found(["person", "profileId"])
        return None
    profile, uuid = working.profile["_id"], incoming.event["uuid"]
    if uuid in known:
        return repeated(known[uuid], incoming.event, profile)
    if not belongs(working, incoming):
        return None
    identify(working, incoming)
    added = working.add_event(incoming.event)
    known[uuid] = {**added, "profile": profile}
    return result(EventResult.CREATED, added)
