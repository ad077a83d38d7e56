"""Events with their definitions: how one is drawn, what its expanded entry shows, and how events are added."""

import uuid as uuids
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, TypedDict

from resolvers.attributes import display
from resolvers.context import Context
from resolvers.ingestion.incoming import read_content
from resolvers.ingestion.ingest import ingest_once
from resolvers.ingestion.results import EventResultDoc
from resolvers.mutations import (
    Options,
    PayloadDoc,
    actor_of,
    check_unversioned,
    create_beside,
    once_of,
    refusable,
    source_of,
)
from resolvers.privacy import mask_event
from storage.actors import ActorDoc
from storage.event_definitions import EventDefinition
from storage.events import EventDoc, is_repeated, sender_time
from storage.rules import check_number
from storage.sources import ChangeSource
from storage.store.mongo import Document
from storage.store.refusals import UserErrorCode, refuse
from storage.write.working_copy import Edit

MOST_EVENTS = 500


class DetailDoc(TypedDict):
    """One line of an expanded event."""

    name: str
    value: str


async def definition_of_each(context: Context, events: Sequence[EventDoc]) -> list[EventDefinition | None]:
    return await context.loaders.event_definitions.load_many([event["action"] for event in events])


async def titles_of_each(context: Context, events: Sequence[EventDoc]) -> list[str]:
    """Return what each event's definition calls it, else its action."""
    definitions = await definition_of_each(context, events)
    return [
        definition["displayName"] if definition else event["action"]
        for event, definition in zip(events, definitions, strict=True)
    ]


async def actors_of_each(context: Context, events: Sequence[EventDoc]) -> list[ActorDoc | None]:
    """Return who sent each event; those that a profile carries do not tell, and are looked up."""
    untold = [event["_id"] for event in events if "actor" not in event]
    found = dict(zip(untold, await context.loaders.actors.load_many(untold), strict=True)) if untold else {}
    return [event["actor"] if "actor" in event else found[event["_id"]] for event in events]


def way_of(event: EventDoc) -> ChangeSource:
    """Return the way by which an event came, as its sender's text tells: WEB SDK is an SDK."""
    text = event["source"].upper()
    if text in ChangeSource.__members__:
        return ChangeSource[text]
    return ChangeSource.SDK if "SDK" in text else ChangeSource.API


sender_of = itemgetter("source")


async def details_of_each(context: Context, events: Sequence[EventDoc]) -> list[list[DetailDoc]]:
    """Return the lines that the definition of each lists, with the event's values (R41)."""
    definitions = await definition_of_each(context, events)
    return [details_of(event, definition) for event, definition in zip(events, definitions, strict=True)]


def details_of(event: EventDoc, definition: EventDefinition | None) -> list[DetailDoc]:
    params: dict[str, Any] = event["params"]
    configured = definition["details"] if definition else []
    return [{"name": detail["name"], "value": display(params.get(detail["param"]))} for detail in configured]


async def is_expandable_each(context: Context, events: Sequence[EventDoc]) -> list[bool]:
    """Return whether each event expands: only with details in its definition (R41)."""
    return [bool(definition and definition["details"]) for definition in await definition_of_each(context, events)]


class GivenEvent(TypedDict):
    """An event to add by hand; without a UUID it gets a new one, without a time it happened now."""

    uuid: str | None
    action: str
    label: str | None
    occurredAt: datetime | None
    params: Any


async def create_event(context: Context, options: Options, profile_id: str, *, event: GivenEvent) -> PayloadDoc:
    """Record one event of a profile by hand (R42); the same UUID again gives the event that is there."""
    generated = str(uuids.uuid4())

    async def change(edit: Edit) -> None:
        uuid = event["uuid"] or generated
        earlier = (await edit.stored_events.by_uuid([uuid])).get(uuid)
        at = event["occurredAt"] or (sender_time(earlier) if earlier else context.now)
        sent = {**event, "uuid": uuid, "occurredAt": at, "source": source_of(options)}
        content = read_content(sent, now=context.now)
        if earlier is not None and not is_repeated(earlier, content, edit.profile["_id"]):
            raise refuse(UserErrorCode.TAKEN, ["uuid"], "Another event has this UUID.")
        made: EventDoc = (
            {**edit.add_event(content), "actor": actor_of(context, options).document()} if earlier is None else earlier
        )
        edit.made["event"] = made

    answer = await create_beside(context, options, profile_id, change)
    if answer.get("event") and not context.sees_personal:
        answer["event"] = mask_event(answer["event"])
    return answer


async def create_events(context: Context, options: Options, *, events: Sequence[Mapping[str, Any]]) -> PayloadDoc:
    """Write up to 500 events, each of its own person; one that is refused does not stop the others."""
    return {"results": [], **await write_events(context, options, events)}


@refusable
async def write_events(context: Context, options: Options, events: Sequence[Mapping[str, Any]]) -> PayloadDoc:
    check_unversioned(options)
    check_number(len(events), ["events"], most=MOST_EVENTS)
    actor, once = actor_of(context, options), once_of(context, options)

    def answer(results: Sequence[EventResultDoc]) -> Document:
        return {
            "results": [{**result, "field": at(place, result)} for place, result in enumerate(results)],
            "userErrors": [],
        }

    return await ingest_once(context, actor, events, answer, once=once, dry_run=options.dry_run)


def at(place: int, result: EventResultDoc) -> list[str]:
    """Return the path of a result's field in the whole input."""
    return ["input", "events", str(place), *result["field"]] if result["message"] is not None else []
