"""Identities of a profile: what it can be found by, and its devices."""

from datetime import datetime

import strawberry

from resolvers import identities as resolve
from schema.documents import computed


@strawberry.type(description="UUID of a browser or app of the person")
class Uuid:
    value: str = strawberry.field(description="UUID itself")
    platform: str | None = strawberry.field(description="Platform it was seen on, for example desktop")
    first_seen_at: datetime = strawberry.field(description="Timestamp of the first activity with it")
    last_seen_at: datetime = strawberry.field(description="Timestamp of the latest activity with it")


@strawberry.type(description="Firebase registration: a device that push messages can go to")
class FirebaseId:
    value: str = strawberry.field(description="Registration id")
    platform: str = strawberry.field(description="Platform: ANDROID, IOS or WEB")
    uuid: str | None = strawberry.field(description="UUID that the device was registered with")
    first_seen_at: datetime = strawberry.field(description="Timestamp of the registration")
    last_seen_at: datetime = strawberry.field(description="Timestamp at which it was seen last")


@strawberry.type(description="Device on which activity of the person was seen")
class Device:
    uuid: str | None = strawberry.field(description="UUID of the device")
    firebase_id: str | None = strawberry.field(description="Firebase registration id of the device, if it has one")
    platform: str | None = strawberry.field(description="Platform of the device")
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
