"""Events with their definitions: how one is drawn, and what its expanded entry shows."""

from collections.abc import Sequence
from typing import Any, TypedDict

from resolvers.attributes import display
from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from storage import event_definitions as stored
from storage.credentials import Scope
from storage.event_definitions import EventDefinition
from storage.events import EventDoc
from storage.store.pages import PageRequest


class DetailDoc(TypedDict):
    """One line of an expanded event."""

    name: str
    value: str


async def definition_of_each(context: Context, events: Sequence[EventDoc]) -> list[EventDefinition | None]:
    return await context.loaders.event_definitions.load_many([event["action"] for event in events])


async def details_of_each(context: Context, events: Sequence[EventDoc]) -> list[list[DetailDoc]]:
    """Return the lines that the definition of each asks for, with what the event has for them (R41)."""
    definitions = await definition_of_each(context, events)
    return [details_of(event, definition) for event, definition in zip(events, definitions, strict=True)]


def details_of(event: EventDoc, definition: EventDefinition | None) -> list[DetailDoc]:
    params: dict[str, Any] = event["params"]
    configured = definition["details"] if definition else []
    return [{"name": detail["name"], "value": display(params.get(detail["param"]))} for detail in configured]


async def is_expandable_each(context: Context, events: Sequence[EventDoc]) -> list[bool]:
    """Return whether each event expands: only with details in its definition (R41)."""
    return [bool(definition and definition["details"]) for definition in await definition_of_each(context, events)]


async def list_definitions(context: Context, page: PageRequest) -> ConnectionDoc:
    context.credential.require(Scope.PROFILES_READ)
    return connection(await stored.list_definitions(context.workspace, page))
