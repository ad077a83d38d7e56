"""Profiles: one document a person, and every way to read one or many."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from storage.attributes import Attribute
from storage.conditions import Condition
from storage.credentials import Scope
from storage.declaration import Noun
from storage.events import EventDoc
from storage.filters import KEY_LENGTHS, ORDER_KEYS, ProfileOrderField, counted_order, profile_filter
from storage.sources import ChangeSource
from storage.store.collections import Collection, Erasure, Index
from storage.store.mongo import Projection
from storage.store.pages import Page, PageRequest, keyset
from storage.store.workspace import Workspace
from storage.tags import ProfileTag


class Platform(StrEnum):
    """What a device or app runs."""

    ANDROID = "ANDROID"
    IOS = "IOS"
    WEB = "WEB"


class FormFactor(StrEnum):
    """What kind of machine a device is."""

    DESKTOP = "DESKTOP"
    PHONE = "PHONE"
    TABLET = "TABLET"


class Geo(TypedDict):
    """Last known location in degrees, kept only of persons who let it be tracked (R9)."""

    latitude: float
    longitude: float
    measuredAt: datetime
    source: str


class Uuid(TypedDict):
    """A UUID of the person's browser or app, and when it was seen."""

    value: str
    platform: Platform | None
    formFactor: FormFactor | None
    firstSeenAt: datetime
    lastSeenAt: datetime


class FirebaseId(TypedDict):
    """A Firebase registration id: a device that can be pushed to; one that only an event named is of no known kind."""

    value: str
    platform: Platform | None
    formFactor: FormFactor | None
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


class Channel(StrEnum):
    """A way to reach a person."""

    EMAIL = "EMAIL"
    SMS = "SMS"
    WEB_PUSH = "WEB_PUSH"
    MOBILE_PUSH = "MOBILE_PUSH"
    WHATSAPP = "WHATSAPP"


class AgreementStatus(StrEnum):
    """State of an agreement (R26, R65).

    CONFIRMATION waits for the person to click the link, and is of email only; NOT_SET says that there is no agreement,
    so that it is never stored.
    """

    NOT_SET = "NOT_SET"
    ENABLED = "ENABLED"
    DISABLED = "DISABLED"
    CONFIRMATION = "CONFIRMATION"


class Agreement(TypedDict):
    """The agreement of one channel. WhatsApp's is an attribute (R29)."""

    channel: Channel
    status: AgreementStatus
    updatedAt: datetime
    source: ChangeSource


class OrderKeys(TypedDict):
    """Unique values to page by: what is ordered, followed by the profile's id."""

    lastActivityAt: bytes
    name: str


class ProfileDoc(TypedDict, total=False):
    """A profile as stored; a projected one has only some of the keys."""

    _id: bytes
    workspace: str
    createdAt: datetime
    version: int
    seq: int
    eventCount: int
    displayName: str
    recognized: bool
    description: str | None
    identities: Identities
    attributes: list[Attribute]
    tags: list[ProfileTag]
    agreements: list[Agreement]
    geo: Geo | None
    lastActivityAt: datetime | None
    recent: list[EventDoc]
    orderKeys: OrderKeys
    search: list[str]


NOUN = Noun(
    type="Profile",
    prefix="prf",
    scope=Scope.PROFILES_READ,
    collection=Collection(
        name="profiles",
        erasure=Erasure.DELETED,
        required={
            "_id": "binData",
            "workspace": "string",
            "createdAt": "date",
            "version": ["int", "long"],
            "seq": ["int", "long"],
            "eventCount": ["int", "long"],
            "displayName": "string",
            "recognized": "bool",
            "identities": "object",
            "attributes": "array",
            "tags": "array",
            "agreements": "array",
            "recent": "array",
            "orderKeys": "object",
            "search": "array",
        },
        indexes=(
            Index([("workspace", 1), ("_id", -1)]),
            Index([("workspace", 1), ("orderKeys.lastActivityAt", -1)]),
            Index([("workspace", 1), ("orderKeys.name", 1)]),
            Index([("workspace", 1), ("search", 1)]),
            Index([("workspace", 1), ("tags.name", 1), ("_id", -1)]),
            Index([("workspace", 1), ("attributes.name", 1), ("attributes.value", 1), ("_id", -1)]),
            Index([("workspace", 1), ("identities.phone", 1), ("orderKeys.lastActivityAt", -1)]),
        ),
    ),
)


async def profiles_by_id(
    workspace: Workspace, ids: Sequence[bytes], *, projection: Projection | None = None
) -> list[ProfileDoc]:
    """Return those of the profiles that exist, in no order.

    Here and below, what is read with a projection is for showing: its timestamps are naive, in UTC.
    """
    naive = projection is not None
    return await workspace.find("profiles", {"_id": {"$in": list(ids)}}, projection=projection, naive=naive)


async def profile_by_phone(
    workspace: Workspace, phone: str, *, projection: Projection | None = None
) -> ProfileDoc | None:
    """Return the profile that was active last of those with this phone, which need not be unique (R8)."""
    found: list[ProfileDoc] = await workspace.find(
        "profiles",
        {"identities.phone": phone},
        projection=projection,
        sort=[("orderKeys.lastActivityAt", -1)],
        limit=1,
        naive=projection is not None,
    )
    return found[0] if found else None


async def list_profiles(
    workspace: Workspace,
    condition: Condition | None,
    page: PageRequest,
    *,
    order: ProfileOrderField = ProfileOrderField.CREATED_AT,
    descending: bool = True,
    projection: Projection | None = None,
) -> Page[ProfileDoc]:
    """Return one page of the profiles that meet the condition; without one, of all."""
    return await keyset(
        workspace,
        "profiles",
        profile_filter(condition, order),
        key=ORDER_KEYS[order],
        length=KEY_LENGTHS[order],
        page=page,
        descending=descending,
        projection=projection,
        naive=projection is not None,
    )


async def count_profiles(workspace: Workspace, condition: Condition | None, *, most: int) -> int:
    """Return how many profiles meet the condition, and `most` where they are as many or more."""
    return await workspace.count("profiles", profile_filter(condition, counted_order(condition)), most=most)


async def meeting(
    workspace: Workspace, ids: Sequence[bytes], conditions: Sequence[Condition]
) -> list[frozenset[bytes]]:
    """Return for each condition which of the profiles meet it, with one command."""
    facets = {
        f"c{number}": [{"$match": condition.filter()}, {"$group": {"_id": "$_id"}}]
        for number, condition in enumerate(conditions)
    }
    (found,) = await workspace.aggregate("profiles", {"_id": {"$in": list(ids)}}, [{"$facet": facets}])
    return [frozenset(each["_id"] for each in found[facet]) for facet in facets]
