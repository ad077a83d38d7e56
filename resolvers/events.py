"""Events with their definitions: how one is drawn, and what its expanded entry shows."""

from typing import Any, TypedDict

from resolvers.attributes import display
from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from storage import events
from storage.credentials import Scope
from storage.events import EventDefinition
from storage.journal import EventDoc
from storage.pages import PageRequest


class DetailDoc(TypedDict):
    """One line of an expanded event."""

    name: str
    value: str


async def definition_of(context: Context, event: EventDoc) -> EventDefinition | None:
    return await context.loaders.event_definitions.load(event["action"])


async def details_of(context: Context, event: EventDoc) -> list[DetailDoc]:
    """Return the lines that the definition asks for, with what the event has for them (R41)."""
    definition = await definition_of(context, event)
    params: dict[str, Any] = event["params"]
    configured = definition["details"] if definition else []
    return [{"name": detail["name"], "value": display(params.get(detail["param"]))} for detail in configured]


async def is_expandable(context: Context, event: EventDoc) -> bool:
    """Return whether the event expands: only with details in its definition (R41)."""
    definition = await definition_of(context, event)
    return bool(definition and definition["details"])


async def list_definitions(context: Context, page: PageRequest) -> ConnectionDoc:
    context.credential.require(Scope.PROFILES_READ)
    return connection(await events.list_definitions(context.workspace, page))
