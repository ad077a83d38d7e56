"""Mutations of events and of their definitions."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry.scalars import JSON

from resolvers import events as resolve
from resolvers.context import Context
from resolvers.mutations import Options
from schema.events import Event, EventDefinition
from schema.mutations import (
    Answer,
    LazyProfile,
    MutationInput,
    Payload,
    ProfileMutationInput,
    UserError,
    as_it_is,
    mutation,
)
from storage.credentials import Scope
from storage.events import NewDefinition
from storage.journal import Direction, EventResult
from storage.store.refusals import UserErrorCode

strawberry.enum(EventResult, description="What became of an event that was sent in")

UUID = "UUID of the event; the same event sent again under it is kept once"
ACTION = "Type of the event, for example page.visit"
LABEL = "What happened, for people"
PARAMS = "Parameters: an object of at most 100 keys, 32 KB and 5 levels"


@strawberry.input(description="Event to add to a profile by hand")
class EventAddInput(ProfileMutationInput):
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
    source: str | None = strawberry.field(default=None, description="Where it came from, for example SDK; API else")
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
class EventsAddInput(MutationInput):
    events: list[IncomingEventInput] = strawberry.field(description="Events, at most 500")


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


@strawberry.type(description="What came of adding an event by hand")
class EventAddPayload(Payload):
    event: Event | None = strawberry.field(description="Event as it is kept; null when refused")
    profile: LazyProfile | None = as_it_is("Profile")


@strawberry.type(description="What became of one event of a batch")
class EventAddResult:
    status: EventResult = strawberry.field(description="What became of it")
    id: strawberry.ID | None = strawberry.field(description="Id of the event that has its UUID; null when rejected")
    code: UserErrorCode | None = strawberry.field(description="Why it was not written, for programs")
    field: list[str] = strawberry.field(description="Path of the input's field that is in the way")
    message: str | None = strawberry.field(description="Why it was not written, for people")


@strawberry.type(description="What came of writing events")
class EventsAddPayload:
    results: list[EventAddResult] = strawberry.field(description="What became of each event, in their order")
    user_errors: list[UserError] = strawberry.field(description="Why no event was looked at; empty otherwise")


@strawberry.type(description="What came of setting an event definition")
class EventDefinitionPayload(Payload):
    event_definition: EventDefinition | None = strawberry.field(description="Definition as it is now; null if refused")


@mutation(EventAddPayload, Scope.PROFILES_WRITE, "Add an event by hand", argument="Event to add")
def event_add(context: Context, options: Options, input: EventAddInput) -> Answer:
    event: resolve.GivenEvent = {
        "uuid": input.uuid,
        "action": input.action,
        "label": input.label,
        "occurredAt": input.occurred_at,
        "params": input.params,
    }
    return resolve.add_event(context, options, input.profile_id, event=event)


@mutation(EventsAddPayload, Scope.EVENTS_WRITE, "Write events of many persons; sending them again writes nothing twice")
def events_add(context: Context, options: Options, input: EventsAddInput) -> Answer:
    events = [event.as_sent() for event in input.events]
    return resolve.add_events(context, options, events=events)


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
    return resolve.set_event_definition(context, options, definition=definition)
