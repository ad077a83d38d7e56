"""Import profiles: a row updates its profile or creates it, as a whole or not at all, and reports the result (X11)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from resolvers.attributes_edits import check_changeable, check_profile
from resolvers.identities import MOST_UUIDS
from resolvers.imports.files import Row
from resolvers.imports.values import SEPARATOR, as_string, typed
from resolvers.tags import catalogue_of
from storage.actors import Actor, ActorKind
from storage.attribute_definitions import NOUN as DEFINITIONS
from storage.attribute_values import check_value
from storage.attributes import AttributeType, is_membership
from storage.catalogue import entries_by_name
from storage.contacts import normal_identifier
from storage.identifiers import IdentifierKind, owners
from storage.parts import SINGLE
from storage.past.tail import seqs_since
from storage.rules import LONGEST_TEXT, MOST_TAGS, check_length, check_name, check_number
from storage.sources import ChangeSource
from storage.store.bus import Bus
from storage.store.ids import time_id
from storage.store.mongo import Session
from storage.store.refusals import RefusedError, UserError, UserErrorCode, gathering, refuse
from storage.store.workspace import Workspace
from storage.tags import create_tags
from storage.write.comparing import changes_between, find
from storage.write.edits import edit
from storage.write.working_copy import Edit

ACTOR = Actor(ActorKind.GATEWAY, "import", "Import", ChangeSource.IMPORT)
IDENTIFIERS = ("customId", "email", "phone", "uuid")
# A row's profile is the one that has the first of these; a phone identifies nobody, since people may share it (R8).
MATCHING = {"customId": IdentifierKind.CUSTOM_ID, "email": IdentifierKind.EMAIL, "uuid": IdentifierKind.UUID}


class RowResult(StrEnum):
    """Result of a row."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    SKIPPED = "SKIPPED"


@dataclass(slots=True)
class Outcome:
    """Result of a row, with what was wrong with it or left out of it."""

    line: int
    result: RowResult
    profile: bytes | None = None
    errors: list[UserError] = field(default_factory=list)


Record = Callable[[Outcome, Session], Awaitable[None]]


async def record_nowhere(_: Outcome, __: Session) -> None: ...


async def import_row(
    workspace: Workspace,
    row: Row,
    *,
    region: str | None,
    actor: Actor = ACTOR,
    bus: Bus | None = None,
    record: Record = record_nowhere,
) -> Outcome:
    """Write a row. The same row again changes nothing; raises `UnavailableError` when the store does not answer.

    Membership attributes are left out, and reported (R34); anything else that is wrong refuses the whole row. `record`
    is called with the outcome in the transaction of the row, so that there is neither without the other; a row that is
    refused has none.
    """
    left_out: list[UserError] = []
    try:
        if row.given is None:
            raise refuse(
                UserErrorCode.INVALID_VALUE, [], "The line is not an object, or has not as many cells as the header."
            )
        given = without_memberships(row.given, left_out)
        identifiers = checked_identifiers(given, region=region)
        existing = await find_profile(workspace, identifiers)
        profile = existing or time_id(datetime.now(UTC))

        outcome = Outcome(row.line, RowResult.CREATED, profile, left_out)

        async def change(working: Edit) -> None:
            await apply_row(working, given, identifiers)
            if existing:
                changes = any(changes_between(working.before, working.profile))
                outcome.result = RowResult.UPDATED if changes else RowResult.UNCHANGED
            await record(outcome, working.session)

        created_at = None if existing else datetime.now(UTC)
        if await edit(workspace, profile, change, actor=actor, bus=bus, created_at=created_at) is None:
            raise refuse(UserErrorCode.NOT_FOUND, [], "The profile has been removed in the meantime.")
    except RefusedError as refused:
        outcome = Outcome(row.line, RowResult.SKIPPED, errors=[*left_out, *refused.errors])
        await record(outcome, None)
    return outcome


async def earlier_result(workspace: Workspace, profile: bytes, *, since: datetime) -> RowResult:
    """Return what an import did to a profile since a moment."""
    seqs = await seqs_since(workspace, profile, since, actor=ACTOR.id)
    if 1 in seqs:
        return RowResult.CREATED
    return RowResult.UPDATED if seqs else RowResult.UNCHANGED


def without_memberships(given: Mapping[str, Any], left_out: list[UserError]) -> dict[str, Any]:
    for name in filter(is_membership, given):
        with gathering(left_out):
            check_changeable(name, [name])
    return {name: value for name, value in given.items() if not is_membership(name)}


def checked_identifiers(given: Mapping[str, Any], *, region: str | None) -> dict[str, str]:
    """Return the identifiers in their normal form; a row needs one that it can be found by again (R15, R17)."""
    errors: list[UserError] = []
    normal: dict[str, str] = {}
    for name in IDENTIFIERS:
        if name in given:
            with gathering(errors):
                normal[name] = normal_identifier(name, as_string(given[name], [name]), [name], region=region)
    if not errors and normal.keys().isdisjoint(MATCHING):
        with gathering(errors):
            raise refuse(UserErrorCode.BLANK, [], f"The row needs one of {', '.join(MATCHING)}.")
    if errors:
        raise RefusedError(errors)
    return normal


async def find_profile(workspace: Workspace, identifiers: Mapping[str, str]) -> bytes | None:
    claims = [(kind, identifiers[name]) for name, kind in MATCHING.items() if name in identifiers]
    profiles = {(owner["kind"], owner["value"]): owner["profile"] for owner in await owners(workspace, claims)}
    return next((profiles[claim] for claim in claims if claim in profiles), None)


def check_person(working: Edit, identifiers: Mapping[str, str]) -> None:
    """Refuse a row that belongs to the profile by its email or UUID, but gives it a different customId or email."""
    held: Mapping[str, Any] = working.profile["identities"]
    for name in ("customId", "email"):
        if name in identifiers and held.get(name) == identifiers[name]:
            return
        if name in identifiers and held.get(name) is not None:
            message = f"The row's other identifiers belong to a profile with a different {name}."
            raise refuse(UserErrorCode.TAKEN, [name], message)


async def apply_row(working: Edit, given: Mapping[str, Any], identifiers: Mapping[str, str]) -> None:
    """Apply a row to its profile, or refuse everything that is wrong with it at once."""
    check_person(working, identifiers)
    errors: list[UserError] = []
    names = [name for name in given if name not in (*IDENTIFIERS, "tags", "description")]
    definitions = await entries_by_name(working.workspace, DEFINITIONS, names, session=working.session)
    types = {definition["name"]: AttributeType(definition["type"]) for definition in definitions}
    for name in names:
        with gathering(errors):
            check_changeable(check_name(name, [name]), [name])
            if name not in types:
                raise refuse(UserErrorCode.NOT_FOUND, [name], "There is no attribute with this name.")
            value = check_value(typed(given[name], types[name]), types[name], [name])
            working.set_attribute(name, value, source=ChangeSource.IMPORT)
    with gathering(errors):
        if "description" in given:
            text = as_string(given["description"], ["description"])
            working.set("description", check_length(text, ["description"], longest=LONGEST_TEXT))
    with gathering(errors):
        await add_tags(working, given.get("tags", []))
    with gathering(errors):
        check_profile(working)
    if errors:
        raise RefusedError(errors)
    identify(working, identifiers)


async def add_tags(working: Edit, given: Any) -> None:
    """Add tags, given as a list of strings or as one string with separators."""
    listed = given.split(SEPARATOR) if isinstance(given, str) else given
    if not isinstance(listed, list):
        raise refuse(UserErrorCode.WRONG_TYPE, ["tags"], "This must be a string, or a list of strings.")
    texts = [as_string(name, ["tags", str(position)]).strip() for position, name in enumerate(listed)]
    tags = [name for name in texts if name]
    catalogue = await catalogue_of(working, tags)
    new = [name for name in dict.fromkeys(tags) if name not in catalogue]
    await create_tags(working.workspace, new, source=ChangeSource.IMPORT, now=working.now, session=working.session)
    for name in tags:
        working.add_tag(name, source=ChangeSource.IMPORT)
    check_number(len(working.profile["tags"]), ["tags"], most=MOST_TAGS)


def identify(working: Edit, identifiers: Mapping[str, str]) -> None:
    """Set what is given; importing a UUID that the profile has already does not count as seeing it again."""
    for name in identifiers.keys() & SINGLE.keys():
        working.set(name, identifiers[name])
    uuids = working.profile["identities"].get("uuids", [])
    if "uuid" in identifiers and find(uuids, "value", identifiers["uuid"]) is None:
        check_number(len(uuids) + 1, ["uuid"], most=MOST_UUIDS)
        seen = {"firstSeenAt": working.now, "lastSeenAt": working.now}
        working.add_uuid({"value": identifiers["uuid"], "platform": None, "formFactor": None, **seen})  # type: ignore[typeddict-item]
