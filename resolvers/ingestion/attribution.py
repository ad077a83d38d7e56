"""Attribution: whether an event belongs to the profile it was grouped with, and which identifiers it adds to it."""

from collections.abc import Mapping
from typing import Any

from resolvers.identities import MOST_DEVICES, MOST_UUIDS
from resolvers.ingestion.incoming import Incoming
from storage.identifiers import IdentifierKind
from storage.parts import identifiers_of
from storage.rules import check_number
from storage.store.refusals import UserErrorCode, refuse
from storage.write.comparing import find
from storage.write.working_copy import Edit


def belongs(working: Edit, incoming: Incoming) -> bool:
    """Return whether the event is this profile's; it is not when its identifiers changed owner since the look-up."""
    held = identifiers_of(working.profile)
    is_blank = not held and not working.profile["seq"]
    return incoming.profile is not None or is_blank or not held.isdisjoint(incoming.claims)


def identify(working: Edit, incoming: Incoming) -> None:
    """Add the identifiers of an event to its profile; raises `RefusedError`, and adds none, when one does not fit."""
    identities, claims = working.profile["identities"], dict(incoming.claims)
    check_single(working, "email", claims.get(IdentifierKind.EMAIL))
    check_single(working, "customId", claims.get(IdentifierKind.CUSTOM_ID))
    uuid, firebase_id = claims.get(IdentifierKind.UUID), claims.get(IdentifierKind.FIREBASE_ID)
    check_room(working, "uuid", "uuids", uuid, most=MOST_UUIDS)
    check_room(working, "firebaseId", "firebaseIds", firebase_id, most=MOST_DEVICES)
    at = incoming.event["occurredAt"]
    seen = {"platform": None, "formFactor": None, "firstSeenAt": at, "lastSeenAt": at}  # events do not tell the former
    if email := claims.get(IdentifierKind.EMAIL):
        working.set("email", email)
    if custom_id := claims.get(IdentifierKind.CUSTOM_ID):
        working.set("customId", custom_id)
    if uuid is not None:
        working.add_uuid({"value": uuid, **seen})  # type: ignore[typeddict-item]
    if firebase_id is not None and find(identities.get("firebaseIds", []), "value", firebase_id) is None:
        working.add_firebase_id({"value": firebase_id, "uuid": uuid, **seen})  # type: ignore[typeddict-item]


def check_single(working: Edit, name: str, value: str | None) -> None:
    """Refuse a second value of what a person has one of: which one is right is for a person to decide."""
    if value is not None and working.profile["identities"].get(name) not in (None, value):
        raise refuse(
            UserErrorCode.TAKEN,
            ["person", name],
            f"The profile of this event has a different {name}; change that first, or leave it out.",
        )


def check_room(working: Edit, name: str, part: str, value: str | None, *, most: int) -> None:
    identities: Mapping[str, Any] = working.profile["identities"]
    existing = identities.get(part, [])
    if value is not None and find(existing, "value", value) is None:
        check_number(len(existing) + 1, ["person", name], most=most)
