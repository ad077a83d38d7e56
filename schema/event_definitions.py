"""Definitions of events, which say how those of an action are drawn, and their mutation."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET

from resolvers import event_definitions as resolve
from resolvers.context import Context
from resolvers.mutations import Options
from schema.connections import After, Before, Connection, First, Last, page
from schema.documents import Info
from schema.mutations import Answer, MutationInput, Payload, mutation
from schema.nodes import Node, NodeDocument, public_id
from storage import event_definitions as stored
from storage.credentials import Scope
from storage.event_definitions import NewDefinition


@strawberry.type(description="Detail that an expanded event shows")
class DetailDefinition:
    name: str = strawberry.field(description="Name of the line")
    param: str = strawberry.field(description="Parameter that it shows")


@strawberry.type(description="How events of one action are shown")
class EventDefinition(NodeDocument, Node):
    id: strawberry.ID = public_id(stored.NOUN.prefix)
    name: str = strawberry.field(description="Action that it is of, unique in the workspace")
    display_name: str = strawberry.field(description="Name for people")
    description: str | None = strawberry.field(description="What the event means")
    icon: str | None = strawberry.field(description="Name of the icon to draw")
    details: list[DetailDefinition] = strawberry.field(description="Lines of the expanded event")
    created_at: datetime = strawberry.field(description="Timestamp of its creation")


def event_definitions(
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    return resolve.list_definitions(info.context, page(first, after, last, before))


EventDefinitionConnection = Connection[EventDefinition]


@strawberry.input(description="Detail that an expanded event is to show")
class DetailDefinitionInput:
    name: str = strawberry.field(description="Name of the line")
    param: str = strawberry.field(description="Parameter that it shows")


@strawberry.input(description="How events of one action are to be shown; it replaces what there is for the action")
class EventDefinitionSetInput(MutationInput):
    name: str = strawberry.field(description="Action that it is of")
    display_name: str = strawberry.field(description="Name for people")
    description: str | None = strawberry.field(default=None, description="What the event means")
    icon: str | None = strawberry.field(default=None, description="Name of the icon to draw")
    details: list[DetailDefinitionInput] = strawberry.field(
        default_factory=list, description="Lines of the expanded event; without any it does not expand"
    )


@strawberry.type(description="What came of setting an event definition")
class EventDefinitionPayload(Payload):
    event_definition: EventDefinition | None = strawberry.field(description="Definition as it is now; null if refused")


@mutation(
    EventDefinitionPayload,
    Scope.DEFINITIONS_WRITE,
    "Create or replace the definition of an action's events",
    argument="Definition to set",
)
def event_definition_set(context: Context, options: Options, input: EventDefinitionSetInput) -> Answer:
    definition: NewDefinition = {
        "name": input.name,
        "displayName": input.display_name,
        "description": input.description,
        "icon": input.icon,
        "details": [{"name": detail.name, "param": detail.param} for detail in input.details],
    }
    return resolve.set_definition(context, options, definition=definition)
