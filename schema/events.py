"""Events, and the definitions that say how they are drawn."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from resolvers import events as resolve
from schema.connections import After, Before, Connection, First, Last, page
from schema.documents import Info, batched, one
from schema.nodes import Node, NodeDocument, public_id
from storage import event_definitions as stored
from storage import events
from storage.events import Direction, EventDoc

strawberry.enum(Direction, description="Whether the person did it, or it was done for the person")


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


@strawberry.type(description="Line of an expanded event")
class EventDetail:
    name: str = strawberry.field(description="Name of the line")
    value: str = strawberry.field(description="Value as text; N/A when the event lacks it")


def definition_of_each(info: Info, events: Sequence[EventDoc]) -> Any:
    return resolve.definition_of_each(info.context, events)


def definition(root: strawberry.Parent[EventDoc], info: Info) -> Any:
    return one(definition_of_each(info, [root]))


def details_of_each(info: Info, events: Sequence[EventDoc]) -> Any:
    return resolve.details_of_each(info.context, events)


def details(root: strawberry.Parent[EventDoc], info: Info) -> Any:
    return one(details_of_each(info, [root]))


def is_expandable_each(info: Info, events: Sequence[EventDoc]) -> Any:
    return resolve.is_expandable_each(info.context, events)


def expandable(root: strawberry.Parent[EventDoc], info: Info) -> Any:
    return one(is_expandable_each(info, [root]))


@strawberry.type(description="Something that the person did, or that was done for the person")
class Event(NodeDocument, Node):
    id: strawberry.ID = public_id(events.NOUN.prefix)
    uuid: str = strawberry.field(description="UUID given by the sender; an event sent twice is kept once")
    action: str = strawberry.field(description="Type of the event, for example page.visit")
    label: str | None = strawberry.field(description="What happened, for people; masked without personal:read")
    occurred_at: datetime = strawberry.field(description="Timestamp of when it happened")
    original_occurred_at: datetime | None = strawberry.field(
        description="Timestamp that the sender gave, where that was in the future; it counts as when it was received"
    )
    received_at: datetime = strawberry.field(description="Timestamp of when the gateway received it")
    source: str = strawberry.field(description="Where it came from, for example SDK")
    ip: str | None = strawberry.field(description="IP address of the sender; masked without personal:read")
    direction: Direction = strawberry.field(description="Whether the person did it, or it was done for the person")
    params: JSON = strawberry.field(description="Parameters; masked without personal:read")
    definition = strawberry.field(
        definition,
        graphql_type=EventDefinition | None,
        description="How events of this action are shown",
        metadata=batched(definition_of_each, "action"),
    )
    details = strawberry.field(
        details,
        graphql_type=list[EventDetail],
        description="Lines of the expanded event; none without a definition",
        metadata=batched(details_of_each, "action", "params"),
    )
    expandable = strawberry.field(
        expandable,
        graphql_type=bool,
        description="Indicates whether there are details to expand to",
        metadata=batched(is_expandable_each, "action"),
    )


def event_definitions(
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    return resolve.list_definitions(info.context, page(first, after, last, before))


EventDefinitionConnection = Connection[EventDefinition]


@strawberry.type(description="Page of a list of events, newest first")
class EventConnection(Connection[Event]):
    total_count: int | None = strawberry.field(description="Number of all events; null with a filter")
