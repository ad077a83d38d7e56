"""Definitions of events: the list, and how one is set."""

from collections.abc import Sequence

from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from resolvers.mutations import Options, PayloadDoc, catalogue_change, change_workspace
from storage import event_definitions as stored
from storage.credentials import Scope
from storage.event_definitions import Detail, NewDefinition
from storage.rules import LONGEST_LINE, LONGEST_NAME, check_length, check_name, check_number
from storage.store.mongo import Document, Session
from storage.store.pages import PageRequest

MOST_DETAILS = 50


async def list_definitions(context: Context, page: PageRequest) -> ConnectionDoc:
    context.credential.require(Scope.PROFILES_READ)
    return connection(await stored.list_definitions(context.workspace, page))


async def set_definition(context: Context, options: Options, *, definition: NewDefinition) -> PayloadDoc:
    """Create the definition of an action, or replace it (R41)."""

    async def body(session: Session) -> Document:
        checked = check_definition(definition)
        existing = await stored.definitions_by_name(context.workspace, [checked["name"]], session=session)
        before = existing[0] if existing else None
        after = await stored.set_definition(context.workspace, before, checked, now=context.now, session=session)
        changes = [] if after == before else [catalogue_change("eventDefinitions", before, after)]
        return {"eventDefinition": after, "changes": changes}

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
