"""Definitions of events: the list, and how they are edited."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from resolvers.catalogue import check_free, delete_entry, list_catalogue
from resolvers.connections import ConnectionDoc
from resolvers.context import Context
from resolvers.mutations import Options, PayloadDoc, change_workspace, create_in_workspace, existing
from storage import event_definitions as stored
from storage.catalogue import change_entry, changes_of
from storage.credentials import Scope
from storage.event_definitions import NOUN, Detail, EventDefinition, NewDefinition
from storage.rules import LONGEST_LINE, LONGEST_NAME, check_kept, check_length, check_name, check_number, name_to_find
from storage.store.mongo import Document, Session
from storage.store.pages import PageRequest

MOST_DETAILS = 50


async def list_definitions(context: Context, page: PageRequest) -> ConnectionDoc:
    return await list_catalogue(context, NOUN, page)


async def find_definition(context: Context, name: str) -> EventDefinition | None:
    """Return the definition of the events of this action."""
    context.credential.require(Scope.PROFILES_READ)
    return await context.loaders.event_definitions.load(name_to_find(name))


async def create_definition(context: Context, options: Options, *, definition: NewDefinition) -> PayloadDoc:
    """Create the definition of an action that has none (R41)."""

    async def body(session: Session) -> Document:
        name = check_name(definition["name"], ["name"])
        checked: NewDefinition = {"name": name, **checked_fields(definition)}  # type: ignore[typeddict-item]  # the others
        await check_free(context, NOUN, name, "There is already a definition of this action.", session=session)
        made = await stored.create_definition(context.workspace, checked, now=context.now, session=session)
        return {"eventDefinition": made}

    return await create_in_workspace(context, options, body)


async def update_definition(
    context: Context, options: Options, definition_id: str, *, fields: Mapping[str, Any]
) -> PayloadDoc:
    """Change those fields of a definition that are given (R41)."""

    async def body(session: Session) -> Document:
        definition: Any = await existing(context, options, NOUN, definition_id, session)
        check_kept(fields, "displayName", "details")
        changed = changes_of(definition, checked_fields(fields))
        if not changed:
            return {"eventDefinition": definition}
        after = await change_entry(context.workspace, NOUN, definition, changed, now=context.now, session=session)
        return {"eventDefinition": after}

    return await change_workspace(context, options, body)


async def delete_definition(context: Context, options: Options, definition_id: str) -> PayloadDoc:
    """Delete a definition; events of its action are drawn without one."""
    return await delete_entry(context, options, NOUN, definition_id, answer="deletedEventDefinitionId")


def checked_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return those fields of a definition that are given as they are kept, or refuse the first that is wrong."""
    check_number(len(given.get("details", ())), ["details"], most=MOST_DETAILS)
    checks: Mapping[str, Callable[[Any], Any]] = {
        "displayName": lambda value: check_length(value, ["displayName"], longest=LONGEST_NAME),
        "description": lambda value: check_optional(value, "description", longest=LONGEST_LINE),
        "icon": lambda value: check_optional(value, "icon", longest=LONGEST_NAME),
        "details": lambda value: [check_detail(each, ["details", str(place)]) for place, each in enumerate(value)],
    }
    return {name: check(given[name]) for name, check in checks.items() if name in given}


def check_optional(value: str | None, name: str, *, longest: int) -> str | None:
    return None if value is None else check_length(value, [name], longest=longest)


def check_detail(detail: Detail, field: Sequence[str]) -> Detail:
    return {
        "name": check_name(detail["name"], [*field, "name"]),
        "param": check_name(detail["param"], [*field, "param"]),
    }
