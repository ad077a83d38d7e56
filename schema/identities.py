"""Identities of a profile: what it is found by, how that changed, and its devices."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from resolvers import identities as resolve
from resolvers.context import Context
from resolvers.identities import Identifier
from resolvers.mutations import Options
from schema.connections import or_none
from schema.documents import computed
from schema.entries import ChangeEntry, titled
from schema.enums import described
from schema.mutations import Answer, ProfileId, ProfilePayload, mutation
from schema.nodes import NodeDocument
from storage.credentials import Scope
from storage.profiles import FormFactor, Platform

described(
    Identifier,
    "What a person is known by",
    name="IdentifierKind",
    EMAIL="Email address, unique in the workspace",
    PHONE="Phone number, which several profiles may share",
    CUSTOM_ID="Identifier in the workspace's own systems, unique in the workspace",
    UUID="UUID of a browser or app, recorded as it is seen",
    FIREBASE_ID="Firebase registration id of a device",
)
described(
    Platform,
    "What a device or app runs",
    ANDROID="App on Android",
    IOS="App on iOS or iPadOS",
    WEB="Browser, on any machine",
)
described(
    FormFactor,
    "Kind of machine that a device is",
    DESKTOP="Desktop or laptop computer",
    PHONE="Phone",
    TABLET="Tablet",
)


@strawberry.type(description="UUID of a browser or app of the person")
class Uuid:
    value: str = strawberry.field(description="UUID itself")
    platform: Platform | None = strawberry.field(description="Platform that the browser or app runs on, if known")
    form_factor: FormFactor | None = strawberry.field(description="Kind of machine that it was seen on, if known")
    first_seen_at: datetime = strawberry.field(description="Timestamp of the first activity with it")
    last_seen_at: datetime = strawberry.field(description="Timestamp of the latest activity with it")


@strawberry.type(description="Firebase registration: a device that push messages can go to")
class FirebaseId:
    value: str = strawberry.field(description="Registration id")
    platform: Platform | None = strawberry.field(
        description="Platform of the device; null when only an event named the registration"
    )
    form_factor: FormFactor | None = strawberry.field(description="Kind of machine that the device is, if known")
    uuid: str | None = strawberry.field(description="UUID that the device was registered with")
    first_seen_at: datetime = strawberry.field(description="Timestamp of the registration")
    last_seen_at: datetime = strawberry.field(description="Timestamp at which it was seen last")


@strawberry.type(description="Device on which activity of the person was seen")
class Device:
    uuid: str | None = strawberry.field(description="UUID of the device")
    firebase_id: str | None = strawberry.field(description="Firebase registration id of the device, if it has one")
    platform: Platform | None = strawberry.field(description="Platform of the device, if known")
    form_factor: FormFactor | None = strawberry.field(description="Kind of machine that the device is, if known")
    first_seen_at: datetime = strawberry.field(description="Timestamp at which it was seen first")
    last_seen_at: datetime = strawberry.field(description="Timestamp at which it was seen last")


@strawberry.type(description="Everything that identifies the person")
class Identities:
    email: str | None = strawberry.field(description="Email address; a profile with one is recognized")
    phone: str | None = strawberry.field(description="Phone number; need not be unique")
    custom_id: str | None = strawberry.field(description="Identifier of the person in the workspace's own systems")
    uuids: list[Uuid] = strawberry.field(description="All UUIDs")
    firebase_ids: list[FirebaseId] = strawberry.field(description="All Firebase registrations")
    current_uuid = computed(resolve.current_uuid_of, str | None, "UUID that was seen last", "uuids")
    devices = computed(resolve.devices_of, list[Device], "All devices, the one seen last first", "uuids", "firebaseIds")
    push_target = computed(
        resolve.push_target_of,
        FirebaseId | None,
        "Mobile registration made most recently: where mobile push goes",
        "firebaseIds",
    )


@strawberry.type(description="Change of an identifier")
class IdentifierChange(NodeDocument, ChangeEntry):
    title = titled(resolve.change_title)
    kind = computed(resolve.changed_kind, Identifier, "Which identifier", "changes")
    before = computed(
        resolve.value_before,
        str | None,
        "Value before, if there was one; masked without personal:read",
        "changes",
    )
    after = computed(
        resolve.value_after,
        str | None,
        "Value after, if there is one; masked without personal:read",
        "changes",
    )


@strawberry.input(description="Device to register for pushes")
class DeviceRegisterInput:
    firebase_id: str = strawberry.field(description="Firebase registration id")
    platform: Platform = strawberry.field(description="Platform of the device")
    form_factor: FormFactor | None = strawberry.field(
        default=UNSET, description="Kind of machine that the device is; one that is registered again keeps its own"
    )
    uuid: str | None = strawberry.field(default=UNSET, description="UUID of the browser or app on the device")


@strawberry.input(description="Device to unregister")
class DeviceUnregisterInput:
    firebase_id: str = strawberry.field(description="Firebase registration id")


@mutation(ProfilePayload, Scope.PROFILES_WRITE, "Register a device of the person for pushes")
def device_register(context: Context, options: Options, profile_id: ProfileId, input: DeviceRegisterInput) -> Answer:
    return resolve.register_device(
        context,
        options,
        profile_id,
        firebase_id=input.firebase_id,
        platform=input.platform,
        form_factor=or_none(input.form_factor),
        uuid=or_none(input.uuid),
    )


@mutation(ProfilePayload, Scope.PROFILES_WRITE, "Unregister a device of the person")
def device_unregister(
    context: Context, options: Options, profile_id: ProfileId, input: DeviceUnregisterInput
) -> Answer:
    return resolve.unregister_device(context, options, profile_id, firebase_id=input.firebase_id)
