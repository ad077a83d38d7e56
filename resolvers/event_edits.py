"""Events by hand and in batches, and the definitions that say how they are shown."""

import uuid as uuids
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from resolvers.context import Context
from resolvers.ingestion.incoming import read_content
from resolvers.ingestion.ingest import ingest_once
from resolvers.ingestion.results import EventResultDoc
from resolvers.mutations import (
    Options,
    actor_of,
    change_profile,
    change_workspace,
    once_of,
    plain,
    refusable,
    source_of,
)
from resolvers.privacy import mask_event
from storage.credentials import Scope
from storage.event_definitions import Detail, NewDefinition, definitions_by_name, set_definition
from storage.events import is_repeated, sender_time
from storage.rules import LONGEST_LINE, LONGEST_NAME, check_length, check_name, check_number
from storage.store.mongo import Document, Session
from storage.store.refusals import UserErrorCode, refuse
from storage.write.working_copy import Edit

MOST_EVENTS = 500
MOST_DETAILS = 50


class GivenEvent(TypedDict):
    """An event to add by hand; without a UUID it gets one, without a time it happened now."""

    uuid: str | None
    action: str
    label: str | None
    occurredAt: datetime | None
    params: Any


async def add_event(context: Context, profile_id: str, options: Options, *, event: GivenEvent) -> dict[str, Any]:
    """Add one event to a profile (R42); the same UUID again gives the event that is there."""
    generated = str(uuids.uuid4())

    async def change(edit: Edit) -> None:
        uuid = event["uuid"] or generated
        earlier = (await edit.stored_events.by_uuid([uuid])).get(uuid)
        at = event["occurredAt"] or (sender_time(earlier) if earlier else context.now)
        told = {**event, "uuid": uuid, "occurredAt": at, "source": source_of(options)}
        content = read_content(told, now=context.now)
        if earlier is not None and not is_repeated(earlier, content, edit.profile["_id"]):
            raise refuse(UserErrorCode.ALREADY_EXISTS, ["uuid"], "Another event has this UUID.")
        edit.made["event"] = earlier or edit.add_event(content)

    answer = await change_profile(context, profile_id, options, change)
    if answer.get("event") and not context.sees_personal:
        answer["event"] = mask_event(answer["event"])
    return answer


async def add_events(context: Context, options: Options, *, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Write up to 500 events, each of its own person; one that is refused does not stop the others."""

    async def work() -> dict[str, Any]:
        check_number(len(events), ["events"], most=MOST_EVENTS)
        actor, once = actor_of(context, options), once_of(context, options)

        def answer(results: Sequence[EventResultDoc]) -> dict[str, Any]:
            return {
                "results": [{**result, "field": at(place, result)} for place, result in enumerate(results)],
                "userErrors": [],
            }

        return await ingest_once(context, actor, events, answer, once=once, dry_run=options.dry_run)

    return {"results": [], **await refusable(context, Scope.EVENTS_WRITE, work)}


def at(place: int, result: EventResultDoc) -> list[str]:
    """Return the path of a result's field in the whole input."""
    return ["events", str(place), *result["field"]] if result["message"] is not None else []


async def set_event_definition(context: Context, options: Options, *, definition: NewDefinition) -> dict[str, Any]:
    """Create the definition of an action, or replace it (R41)."""

    async def body(session: Session) -> Document:
        checked = check_definition(definition)
        found = await definitions_by_name(context.workspace, [checked["name"]], session=session)
        before = found[0] if found else None
        after = await set_definition(context.workspace, before, checked, now=context.now, session=session)
        change = {"field": f"eventDefinitions.{after['name']}", "before": plain(before), "after": plain(after)}
        return {"eventDefinition": after, "changes": [] if after == before else [change]}

    return await change_workspace(context, options, body)


def check_definition(given: NewDefinition) -> NewDefinition:
    check_number(len(given["details"]), ["details"], most=MOST_DETAILS)
    return {
        "name": check_name(given["name"], ["name"]),
        "displayName": check_length(given["displayName"], ["displayName"], longest=LONGEST_NAME),
        "description": check_optional(given["description"], "description", longest=LONGEST_LINE),
        "icon": check_optional(given["icon"], "icon", longest=LONGEST_NAME),
        "details": [check_detail(detail, ["details", str(place)]) for place, detail in enumerate(given["details"])],
    }


def check_optional(value: str | None, name: str, *, longest: int) -> str | None:
    return None if value is None else check_length(value, [name], longest=longest)


def check_detail(detail: Detail, field: Sequence[str]) -> Detail:
    return {
        "name": check_name(detail["name"], [*field, "name"]),
        "param": check_name(detail["param"], [*field, "param"]),
    }
