"""One incoming event, checked key by key, whether it came by ingestion or by a mutation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

from resolvers.params import check_params
from resolvers.refusals import key_of
from storage.contacts import normal_email
from storage.events import Direction, EventDoc
from storage.identifiers import IdentifierKind, field_name
from storage.profiles import NOUN
from storage.rules import LONGEST_LINE, LONGEST_NAME, check_identifier, check_length, check_name
from storage.store.errors import BadInputError
from storage.store.ids import EPOCH, whole_milliseconds
from storage.store.refusals import UserErrorCode, refuse
from storage.store.timestamps import read_timestamp

KEYS = ("uuid", "action", "label", "occurredAt", "params", "ip", "source", "direction", "person")
PERSON_KEYS = ("profileId", "uuid", "email", "customId", "firebaseId")
# The first one that somebody has decides whose event it is.
KINDS = (IdentifierKind.UUID, IdentifierKind.EMAIL, IdentifierKind.CUSTOM_ID, IdentifierKind.FIREBASE_ID)
CLOCK_TOLERANCE = timedelta(minutes=1)
Claim = tuple[IdentifierKind, str]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A checked event, and whose it is: a profile by its key, or the one that has these identifiers."""

    event: EventDoc
    profile: bytes | None
    claims: Sequence[Claim]


def read_event(given: Any, *, now: datetime) -> Incoming:
    """Return the event that a sender describes; raises `RefusedError` with the path of the first key that is wrong."""
    raw = read_object(given, KEYS, [])
    person = read_object(raw.get("person"), PERSON_KEYS, ["person"])
    return Incoming(read_content(raw, now=now), read_profile(person), read_claims(person))


def read_content(raw: Mapping[str, Any], *, now: datetime) -> EventDoc:
    received = whole_milliseconds(now)
    sent = whole_milliseconds(read_time(raw.get("occurredAt"), ["occurredAt"]))
    is_future = sent > received + CLOCK_TOLERANCE
    occurred = received if is_future else max(sent, EPOCH)
    return {
        "uuid": read_uuid(raw),
        "action": check_name(required(raw, "action"), ["action"]),
        "label": check_length(text(raw, "label") or "", ["label"], longest=LONGEST_LINE, blank=True) or None,
        "occurredAt": occurred,
        **({"originalOccurredAt": sent} if is_future or occurred != sent else {}),
        "receivedAt": received,
        "source": check_name(text(raw, "source") or "API", ["source"]),
        "ip": read_ip(raw),
        "direction": read_direction(raw),
        "params": check_params(raw.get("params"), ["params"]),
    }


def read_uuid(raw: Mapping[str, Any]) -> str:
    return check_length(check_identifier(required(raw, "uuid"), ["uuid"]), ["uuid"], longest=LONGEST_NAME)


def read_time(value: Any, field: Sequence[str]) -> datetime:
    """Return a time; one that is a string must have an offset."""
    if isinstance(value, datetime):
        return value
    if value is None:
        raise refuse(UserErrorCode.BLANK, field, "This is missing.")
    try:
        return read_timestamp(value)
    except BadInputError as error:
        raise refuse(UserErrorCode.INVALID_VALUE, field, error.message) from error


def read_ip(raw: Mapping[str, Any]) -> str | None:
    given = text(raw, "ip")
    if given is None:
        return None
    try:
        return str(ip_address(given))
    except ValueError as error:
        raise refuse(UserErrorCode.INVALID_VALUE, ["ip"], "This is not an IP address.") from error


def read_direction(raw: Mapping[str, Any]) -> Direction:
    try:
        return Direction(text(raw, "direction") or Direction.BY_PROFILE)
    except ValueError as error:
        raise refuse(
            UserErrorCode.INVALID_VALUE, ["direction"], f"This must be one of {', '.join(Direction)}."
        ) from error


def read_profile(person: Mapping[str, Any]) -> bytes | None:
    """Return the key of the profile whose id the sender gives; no identifiers may be given with it."""
    id = text(person, "profileId", "person")
    if id is None:
        return None
    if any(person.get(field_name(kind)) is not None for kind in KINDS):
        raise refuse(UserErrorCode.INVALID_VALUE, ["person"], "Give either profileId or identifiers, not both.")
    return key_of(id, NOUN, ["person", "profileId"])


def read_claims(person: Mapping[str, Any]) -> list[Claim]:
    """Return the identifiers in the order in which they decide whose event it is (R15, R17)."""
    if all(person.get(key) is None for key in PERSON_KEYS):
        raise refuse(UserErrorCode.BLANK, ["person"], f"Say whose event it is, by one of {', '.join(PERSON_KEYS)}.")
    claims = []
    for kind in KINDS:
        field = ["person", field_name(kind)]
        value = text(person, field_name(kind), "person")
        if value is not None:
            normal = normal_email if kind is IdentifierKind.EMAIL else check_identifier
            claims.append((kind, normal(value, field)))
    return claims


def read_object(given: Any, keys: Sequence[str], field: Sequence[str]) -> Mapping[str, Any]:
    """Return a JSON object that has no other keys: a key that nobody reads is most often misspelt."""
    if not isinstance(given, Mapping):
        raise refuse(UserErrorCode.WRONG_TYPE, field, "This must be an object.")
    for key in given:
        if key not in keys:
            raise refuse(UserErrorCode.INVALID_VALUE, field, f"Only these keys are allowed here: {', '.join(keys)}.")
    return given


def required(raw: Mapping[str, Any], key: str) -> str:
    value = text(raw, key)
    if value is None:
        raise refuse(UserErrorCode.BLANK, [key], "This is missing.")
    return value


def text(raw: Mapping[str, Any], key: str, *path: str) -> str | None:
    """Return the text under a key, None where there is none."""
    value = raw.get(key)
    if value is not None and not isinstance(value, str):
        raise refuse(UserErrorCode.WRONG_TYPE, [*path, key], "This must be a string.")
    return value
