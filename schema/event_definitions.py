"""Definitions of events, which say how those of an action are drawn, and their mutations."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers import event_definitions as resolve
from resolvers.context import Context
from resolvers.mutations import Options
from schema.connections import After, Before, Connection, First, Last, only_given, page, total
from schema.documents import Info
from schema.mutations import Answer, Payload, as_it_is, mutation
from schema.nodes import Node, NodeDocument, public_id
from storage import event_definitions as stored
from storage.credentials import Scope
from storage.event_definitions import Detail, NewDefinition


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
    version: int = strawberry.field(description="Number of its versions so far, for expectedVersion")
    created_at: datetime = strawberry.field(description="Timestamp of its creation")
    updated_at: datetime = strawberry.field(description="Timestamp of its latest change")


Name = Annotated[str, strawberry.argument(description="Action of the events, for example page.visit")]


def event_definition(info: Info, name: Name) -> Any:
    return resolve.find_definition(info.context, name)


def event_definitions(
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    return resolve.list_definitions(info.context, page(first, after, last, before))


@strawberry.type(description="Page of a list that can be counted")
class EventDefinitionConnection(Connection[EventDefinition]):
    total_count = total("Number of definitions; null where they are more than 10000")


@strawberry.input(description="Detail that an expanded event is to show")
class DetailDefinitionInput:
    name: str = strawberry.field(description="Name of the line")
    param: str = strawberry.field(description="Parameter that it shows")

    def plain(self) -> Detail:
        return {"name": self.name, "param": self.param}


@strawberry.input(description="How events of one action are to be shown")
class EventDefinitionCreateInput:
    name: str = strawberry.field(description="Action that it is of, unique in the workspace; it can't be changed")
    display_name: str = strawberry.field(description="Name for people")
    description: str | None = strawberry.field(default=None, description="What the event means")
    icon: str | None = strawberry.field(default=None, description="Name of the icon to draw")
    details: list[DetailDefinitionInput] = strawberry.field(
        default_factory=list, description="Lines of the expanded event; without any it does not expand"
    )

    def plain(self) -> NewDefinition:
        return {
            "name": self.name,
            "displayName": self.display_name,
            "description": self.description,
            "icon": self.icon,
            "details": [detail.plain() for detail in self.details],
        }


@strawberry.input(description="Definition to change; what is not given stays")
class EventDefinitionUpdateInput:
    display_name: str | None = strawberry.field(default=UNSET, description="New name for people")
    description: str | None = strawberry.field(default=UNSET, description="New description; null removes it")
    icon: str | None = strawberry.field(default=UNSET, description="New icon; null removes it")
    details: list[DetailDefinitionInput] | None = strawberry.field(
        default=UNSET, description="New lines of the expanded event, in place of all that it has"
    )

    def plain(self) -> dict[str, Any]:
        details: Any = self.details and [detail.plain() for detail in self.details]
        return only_given(
            {
                "displayName": self.display_name,
                "description": self.description,
                "icon": self.icon,
                "details": details,
            }
        )


@strawberry.type
class EventDefinitionPayload(Payload):
    event_definition: EventDefinition | None = as_it_is("Definition")


@strawberry.type
class DeletedEventDefinitionPayload(Payload):
    deleted_event_definition_id: strawberry.ID | None = strawberry.field(
        description="Id that the definition had; null when refused"
    )


DefinitionId = Annotated[strawberry.ID, strawberry.argument(description="Id of the definition")]


@mutation(
    EventDefinitionPayload, Scope.DEFINITIONS_WRITE, "Define how an action's events are shown; needs definitions:write"
)
def event_definition_create(context: Context, options: Options, input: EventDefinitionCreateInput) -> Answer:
    return resolve.create_definition(context, options, definition=input.plain())


@mutation(
    EventDefinitionPayload, Scope.DEFINITIONS_WRITE, "Change how an action's events are shown; needs definitions:write"
)
def event_definition_update(
    context: Context, options: Options, id: DefinitionId, input: EventDefinitionUpdateInput
) -> Answer:
    return resolve.update_definition(context, options, id, fields=input.plain())


@mutation(
    DeletedEventDefinitionPayload,
    Scope.DEFINITIONS_WRITE,
    "Delete the definition of an action's events; needs definitions:write",
)
def event_definition_delete(context: Context, options: Options, id: DefinitionId) -> Answer:
    return resolve.delete_definition(context, options, id)
