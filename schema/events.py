"""Events, and their mutations."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry.scalars import JSON

from resolvers import events as resolve
from resolvers.context import Context
from resolvers.mutations import Options
from schema.connections import Connection
from schema.documents import computed, together
from schema.entries import Actor, TimelineEntry
from schema.enums import described
from schema.event_definitions import EventDefinition
from schema.mutations import Answer, LazyProfile, Payload, ProfileId, as_it_is, mutation
from schema.nodes import NodeDocument, public_id
from storage import events as stored
from storage.credentials import Scope
from storage.events import Direction, EventResult
from storage.sources import ChangeSource
from storage.store.refusals import UserErrorCode

described(
    EventResult,
    "What became of an event that was sent in",
    CREATED="Event was written",
    DUPLICATE="Event was there already; nothing was written",
    CONFLICT="Another event has its UUID; nothing was written",
    REJECTED="Event is not valid, or does not fit its profile; nothing was written",
)
described(
    Direction,
    "Whether the person did it, or it was done for the person",
    BY_PROFILE="Person did it, for example visited a page",
    FOR_PROFILE="Somebody did it for the person, for example sent an email",
)


@strawberry.type(description="Line of an expanded event")
class EventDetail:
    name: str = strawberry.field(description="Name of the line")
    value: str = strawberry.field(description="Value as text; N/A when the event lacks it")


@strawberry.type(description="Something that the person did, or that was done for the person")
class Event(NodeDocument, TimelineEntry):
    id: strawberry.ID = public_id(stored.NOUN.prefix)
    uuid: str = strawberry.field(description="UUID given by the sender; an event sent twice is kept once")
    action: str = strawberry.field(description="Type of the event, for example page.visit")
    label: str | None = strawberry.field(description="What happened, for people; null without personal:read")
    occurred_at: datetime = strawberry.field(description="Timestamp of when it happened")
    original_occurred_at: datetime | None = strawberry.field(
        description="Timestamp that the sender gave, where occurredAt is another: one in the future, or before 1970"
    )
    received_at: datetime = strawberry.field(description="Timestamp of when the gateway received it")
    title: str | None = together(
        resolve.titles_of_each,
        str,
        "What events of this action are called: the display name of their definition, else the action",
        "action",
    )
    actor: Actor | None = together(resolve.actors_of_each, Actor, "Who sent it in", "actor")
    source = computed(resolve.way_of, ChangeSource, "Way by which it came, as far as the sender's text tells", "source")
    sender = computed(
        resolve.sender_of, str, "Text by which the sender said where it came from, for example WEB SDK", "source"
    )
    ip: str | None = strawberry.field(description="IP address of the sender; null without personal:read")
    direction: Direction = strawberry.field(description="Whether the person did it, or it was done for the person")
    params: JSON = strawberry.field(
        description="Parameters as the sender gave them: an object of at most 100 keys, 32 KB and 5 levels; "
        "empty without personal:read"
    )
    definition = together(resolve.definition_of_each, EventDefinition, "How events of this action are shown", "action")
    details = together(
        resolve.details_of_each,
        list[EventDetail],
        "Lines of the expanded event; none without a definition",
        *("action", "params"),
    )
    expandable = together(
        resolve.is_expandable_each, bool, "Indicates whether there are details to expand to", "action"
    )


@strawberry.type(description="Page of a list of events, newest first")
class EventConnection(Connection[Event]):
    total_count: int | None = strawberry.field(description="Number of all events; null with a filter")


UUID = "UUID of the event; the same event sent again under it is kept once"
ACTION = "Type of the event, for example page.visit"
LABEL = "What happened, for people"
PARAMS = "Parameters: an object of at most 100 keys, 32 KB and 5 levels; empty when not given"


@strawberry.input(description="Event to record by hand")
class EventCreateInput:
    action: str = strawberry.field(description=ACTION)
    label: str | None = strawberry.field(default=None, description=LABEL)
    occurred_at: datetime | None = strawberry.field(
        default=None, description="Timestamp of when it happened; now when not given"
    )
    params: JSON | None = strawberry.field(default=None, description=PARAMS)
    uuid: str | None = strawberry.field(default=None, description=f"{UUID}; a new one when not given")


@strawberry.input(description="Whose event it is: a profile by its id, or else by identifiers")
class EventPersonInput:
    profile_id: strawberry.ID | None = strawberry.field(default=None, description="Id of the profile")
    uuid: str | None = strawberry.field(default=None, description="UUID of the person's browser or app")
    email: str | None = strawberry.field(default=None, description="Email address")
    custom_id: str | None = strawberry.field(default=None, description="Id in a system of yours")
    firebase_id: str | None = strawberry.field(default=None, description="Firebase registration id")


@strawberry.input(description="Event that happened somewhere; its profile is found by identifiers, or made")
class IncomingEventInput:
    uuid: str = strawberry.field(description=UUID)
    action: str = strawberry.field(description=ACTION)
    occurred_at: datetime = strawberry.field(description="Timestamp of when it happened")
    person: EventPersonInput = strawberry.field(description="Whose event it is")
    label: str | None = strawberry.field(default=None, description=LABEL)
    params: JSON | None = strawberry.field(default=None, description=PARAMS)
    ip: str | None = strawberry.field(default=None, description="IP address that it came from")
    source: str | None = strawberry.field(
        default=None, description="Where it came from, for example SDK; API when not given"
    )
    direction: Direction = strawberry.field(
        default=Direction.BY_PROFILE, description="Whether the person did it, or it was done for the person"
    )

    def as_sent(self) -> dict[str, Any]:
        """Return the event as the keys that every door takes."""
        person = self.person
        return {
            "uuid": self.uuid,
            "action": self.action,
            "occurredAt": self.occurred_at,
            "label": self.label,
            "params": self.params,
            "ip": self.ip,
            "source": self.source,
            "direction": self.direction,
            "person": {
                "profileId": person.profile_id,
                "uuid": person.uuid,
                "email": person.email,
                "customId": person.custom_id,
                "firebaseId": person.firebase_id,
            },
        }


@strawberry.input(description="Events to write, each to the profile of its person")
class EventsCreateInput:
    events: list[IncomingEventInput] = strawberry.field(description="Events, at most 500")


@strawberry.type
class EventPayload(Payload):
    profile: LazyProfile | None = as_it_is("Profile")
    event: Event | None = strawberry.field(description="Event as it is kept; null when refused")


@strawberry.type(description="What became of one event of a batch")
class EventCreateResult:
    status: EventResult = strawberry.field(description="What became of it")
    id: strawberry.ID | None = strawberry.field(description="Id of the event that has its UUID; null when rejected")
    code: UserErrorCode | None = strawberry.field(description="Why it was not written, for programs")
    field: list[str] = strawberry.field(description="Path from the arguments to what is in the way; empty when written")
    message: str | None = strawberry.field(description="Why it was not written, for people")


@strawberry.type
class EventsPayload(Payload):
    results: list[EventCreateResult] = strawberry.field(description="What became of each event, in their order")


@mutation(EventPayload, Scope.PROFILES_WRITE, "Record an event of a profile by hand")
def event_create(context: Context, options: Options, profile_id: ProfileId, input: EventCreateInput) -> Answer:
    event: resolve.GivenEvent = {
        "uuid": input.uuid,
        "action": input.action,
        "label": input.label,
        "occurredAt": input.occurred_at,
        "params": input.params,
    }
    return resolve.create_event(context, options, profile_id, event=event)


@mutation(EventsPayload, Scope.EVENTS_WRITE, "Write events of many persons; sending them again writes nothing twice")
def events_create(context: Context, options: Options, input: EventsCreateInput) -> Answer:
    events = [event.as_sent() for event in input.events]
    return resolve.create_events(context, options, events=events)
