"""Definitions of aggregates: the list, and how they are edited."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from resolvers.catalogue import check_free, check_room, delete_entry, list_catalogue
from resolvers.connections import ConnectionDoc
from resolvers.context import Context
from resolvers.mutations import Options, PayloadDoc, change_workspace, create_in_workspace, existing
from resolvers.privacy import require_personal
from storage import aggregates as stored
from storage.aggregates import MOST_DEFINITIONS, NOUN, FilterDoc, NewAggregate, QueryDoc
from storage.attribute_values import check_item
from storage.catalogue import change_entry, changes_of
from storage.engines.numbers import LARGEST_INTEGER, SMALLEST_INTEGER
from storage.engines.windows import span_of
from storage.rules import LONGEST_LINE, LONGEST_NAME, check_kept, check_length, check_name, check_number
from storage.store.errors import BadInputError
from storage.store.mongo import Document, Session
from storage.store.pages import PageRequest
from storage.store.refusals import UserErrorCode, refuse

MOST_FILTERS = 20
NO_ZONE = "This is no IANA zone, for example Europe/Warsaw."
MOST_ACTIONS = 50
ALWAYS = ("displayName", "function", "actions", "filters", "window", "timeZone", "showOnProfile")


async def list_definitions(context: Context, page: PageRequest) -> ConnectionDoc:
    return await list_catalogue(context, NOUN, page)


async def create_definition(context: Context, options: Options, *, definition: NewAggregate) -> PayloadDoc:
    """Define an aggregate; its name is unique and never changes (R57)."""
    check_filtering(context, definition["filters"])

    async def body(session: Session) -> Document:
        check_name(definition["name"], ["name"])
        check_definition(context, definition)
        taken = "There is already an aggregate with this name."
        await check_free(context, NOUN, definition["name"], taken, session=session)
        await check_room(context, NOUN, most=MOST_DEFINITIONS, session=session)
        made = await stored.create_aggregate(context.workspace, definition, now=context.now, session=session)
        return {"aggregate": made}

    return await create_in_workspace(context, options, body)


async def update_definition(
    context: Context, options: Options, definition_id: str, *, fields: Mapping[str, Any]
) -> PayloadDoc:
    """Change those fields of a definition that are given, which makes its next version."""
    check_filtering(context, fields.get("filters"))

    async def body(session: Session) -> Document:
        definition = stored.as_read(await existing(context, options, NOUN, definition_id, session))
        check_kept(fields, *ALWAYS)
        changed = changes_of(definition, fields)
        if not changed:
            return {"aggregate": definition}
        check_definition(context, {**definition, **changed})  # type: ignore[typeddict-item]  # its keys
        after = await change_entry(context.workspace, NOUN, definition, changed, now=context.now, session=session)
        return {"aggregate": after}

    return await change_workspace(context, options, body)


async def delete_definition(context: Context, options: Options, definition_id: str) -> PayloadDoc:
    return await delete_entry(context, options, NOUN, definition_id, answer="deletedAggregateId")


def check_filtering(context: Context, filters: Sequence[FilterDoc] | None) -> None:
    """Refuse filters of who may not see parameters: what they count would tell of them (X5)."""
    if filters:
        require_personal(context, "Filtering by parameters")


def check_definition(context: Context, definition: NewAggregate) -> None:
    """Refuse a definition that can't be computed, or is too large."""
    check_length(definition["displayName"], ["displayName"], longest=LONGEST_NAME)
    if definition["description"] is not None:
        check_length(definition["description"], ["description"], longest=LONGEST_LINE, blank=True)
    check_query(context, definition, [])


def check_query(context: Context, query: QueryDoc, at: Sequence[str]) -> None:
    """Refuse what can't be computed, or is too large; `at` is where it is in the input."""
    check_events(query["actions"], query["filters"], at)
    if query["param"] is not None:
        check_name(query["param"], [*at, "param"])
    if query["timeZone"] not in zones():
        raise refuse(UserErrorCode.INVALID_VALUE, [*at, "timeZone"], NO_ZONE)
    try:
        stored.aggregate_of(query)
    except BadInputError as error:
        raise refuse(UserErrorCode.INVALID_VALUE, [*at, "function"], error.message) from error
    try:
        span_of(stored.window_of(query), context.now, stored.zone_of(query))
    except BadInputError as error:
        raise refuse(UserErrorCode.INVALID_VALUE, [*at, "window"], error.message) from error


def check_events(actions: Sequence[str], filters: Sequence[FilterDoc], at: Sequence[str]) -> None:
    """Refuse actions and filters that no event can be chosen by, or too many; `at` is where they are in the input."""
    if not actions:
        raise refuse(UserErrorCode.BLANK, [*at, "actions"], "This needs at least one type of events.")
    check_number(len(actions), [*at, "actions"], most=MOST_ACTIONS)
    for place, action in enumerate(actions):
        check_name(action, [*at, "actions", str(place)])
    check_number(len(filters), [*at, "filters"], most=MOST_FILTERS)
    for place, each in enumerate(filters):
        field = [*at, "filters", str(place)]
        check_name(each["param"], [*field, "param"])
        check_filter_value(each["value"], [*field, "value"])
        try:
            stored.filter_of(each)
        except BadInputError as error:
            raise refuse(UserErrorCode.INVALID_VALUE, [*field, "value"], error.message) from error


def check_filter_value(value: Any, field: Sequence[str]) -> None:
    if isinstance(value, list):
        check_number(len(value), [*field, "items"], most=MOST_ACTIONS)
        for place, item in enumerate(value):
            at = [*field, "items", str(place)]
            check_item(item, at)
            if isinstance(item, int) and not SMALLEST_INTEGER <= item <= LARGEST_INTEGER:
                raise refuse(UserErrorCode.INVALID_VALUE, at, "An integer must fit into 64 bits.")
    elif isinstance(value, str):
        check_length(value, field, longest=LONGEST_LINE, blank=True)


@cache
def zones() -> frozenset[str]:
    return frozenset(available_timezones())
