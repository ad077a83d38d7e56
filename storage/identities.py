"""Identities: the UUIDs, Firebase registrations and identifiers that make a profile findable."""

from datetime import datetime
from typing import TypedDict


class Uuid(TypedDict):
    """A UUID of the person's browser or app, and when it was seen."""

    value: str
    platform: str | None
    firstSeenAt: datetime
    lastSeenAt: datetime


class FirebaseId(TypedDict):
    """A Firebase registration id: a device that can be pushed to."""

    value: str
    platform: str
    uuid: str | None
    firstSeenAt: datetime
    lastSeenAt: datetime


class Identities(TypedDict, total=False):
    """Everything that identifies one person."""

    email: str | None
    phone: str | None
    customId: str | None
    uuids: list[Uuid]
    firebaseIds: list[FirebaseId]
