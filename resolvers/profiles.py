"""Find, list, create and edit profiles, and derive the views that a profile card draws."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TypedDict

from resolvers.conditions import check_condition
from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from resolvers.identities import see_uuid
from resolvers.mutations import Options, PayloadDoc, change_profile, create_profile_at, source_of
from resolvers.privacy import require_personal, shown
from storage import profiles
from storage.conditions import Condition
from storage.contacts import email_to_find, normal_identifier, phone_to_find
from storage.credentials import Scope
from storage.filters import ProfileOrderField
from storage.identifiers import IdentifierKind, owners
from storage.parts import SINGLE
from storage.past.as_of import profile_as_of
from storage.profiles import ProfileDoc
from storage.rules import LONGEST_IDENTIFIER, LONGEST_NAME, LONGEST_TEXT, check_length
from storage.sources import ChangeSource
from storage.store.errors import BadInputError
from storage.store.ids import from_public, time_id
from storage.store.mongo import Projection
from storage.store.pages import PageRequest
from storage.store.refusals import RefusedError, UserError, gathering
from storage.write.derived import attribute_values
from storage.write.working_copy import Edit

MOST_COUNTED = 100_000
IDENTIFIERS = frozenset({"email", "phone", "customId"})
LONGEST = {"firstName": LONGEST_NAME, "lastName": LONGEST_NAME, "description": LONGEST_TEXT}
Given = Mapping[str, str | None]


class HeaderDoc(TypedDict):
    """What stands at the top of a profile card (R6)."""

    name: str
    lastActivityAt: datetime | None
    createdAt: datetime
    location: str | None
    company: str | None


class PersonalDoc(TypedDict, total=False):
    """Who the person is, among all values of attributes (R7)."""

    firstName: str
    lastName: str
    birthDate: datetime
    city: str
    province: str


class CountPrecision(StrEnum):
    """Whether a count is the whole number or where counting ended."""

    EXACT = "EXACT"
    AT_LEAST = "AT_LEAST"


class CountDoc(TypedDict):
    """How many there are, as far as they were counted."""

    count: int
    precision: CountPrecision


async def find_profile(
    context: Context,
    *,
    id: str | None = None,
    kind: IdentifierKind | None = None,
    value: str | None = None,
    projection: Projection | None = None,
    as_of: datetime | None = None,
) -> ProfileDoc | None:
    """Return the profile with an id, an identifier, or (without `kind`) a phone; None when there is none (R2).

    With `as_of` it is shown as it was then, found by what identifies it now; None when it was not there yet (X3).
    """
    context.credential.require(Scope.PROFILES_READ)
    projection = projection if as_of is None else None
    if id is not None:
        prefix, profile_id = from_public(id, argument="by")
        found = prefix == profiles.NOUN.prefix and await one(context, profile_id, projection)
    elif value is None or len(value) > LONGEST_IDENTIFIER:
        raise BadInputError(f"An identifier has from 1 to {LONGEST_IDENTIFIER} characters.", argument="by")
    elif kind is None:
        require_personal(context, "Looking a profile up by phone")
        phone = phone_to_find(value, region=context.phone_region)
        found = await profiles.profile_by_phone(context.workspace, phone, projection=projection)
    else:
        found = await by_identifier(context, kind, value, projection)
    if found and as_of is not None:
        found = await profile_as_of(context.workspace, found, as_of)
    return (await shown(context, [found]))[0] if found else None


async def one(context: Context, id: bytes, projection: Projection | None) -> ProfileDoc | None:
    matching = await profiles.profiles_by_id(context.workspace, [id], projection=projection)
    return matching[0] if matching else None


async def by_identifier(
    context: Context, kind: IdentifierKind, value: str, projection: Projection | None
) -> ProfileDoc | None:
    if kind in (IdentifierKind.EMAIL, IdentifierKind.CUSTOM_ID):
        require_personal(context, "Looking a profile up by email or customId")
    normal = email_to_find(value) if kind is IdentifierKind.EMAIL else value
    holders = await owners(context.workspace, [(kind, normal)])
    return await one(context, holders[0]["profile"], projection) if holders else None


async def list_profiles(
    context: Context,
    condition: Condition | None,
    page: PageRequest,
    *,
    order: ProfileOrderField,
    descending: bool,
    projection: Projection | None = None,
) -> ConnectionDoc:
    """Return one page of profiles; nobody can filter or order by what is masked for them."""
    context.credential.require(Scope.PROFILES_READ)
    if condition is not None:
        await check_condition(context, condition, "filter")
    if order is ProfileOrderField.NAME:
        require_personal(context, "Ordering by name")
    found = await profiles.list_profiles(
        context.workspace, condition, page, order=order, descending=descending, projection=projection
    )
    return connection(found, items=await shown(context, found.items))


async def count_profiles(context: Context, condition: Condition | None, *, limit: int) -> CountDoc:
    """Return how many profiles meet the condition, counted no further than `limit` of them."""
    context.credential.require(Scope.PROFILES_READ)
    if not 1 <= limit <= MOST_COUNTED:
        raise BadInputError(f"limit must be from 1 to {MOST_COUNTED}, and is {limit}.", argument="limit")
    if condition is not None:
        await check_condition(context, condition, "filter")
    found = await profiles.count_profiles(context.workspace, condition, most=limit + 1)
    precision = CountPrecision.AT_LEAST if found > limit else CountPrecision.EXACT
    return {"count": min(found, limit), "precision": precision}


def header_of(profile: ProfileDoc) -> HeaderDoc:
    values = attribute_values(profile)
    return {
        "name": profile["displayName"],
        "lastActivityAt": profile.get("lastActivityAt"),
        "createdAt": profile["createdAt"],
        "location": ", ".join(filter(None, (values.get("city"), values.get("province")))) or None,
        "company": values.get("company"),
    }


def birth_date_of(person: PersonalDoc) -> date | None:
    born = person.get("birthDate")
    return born and born.date()


def email_of(profile: ProfileDoc) -> str | None:
    return profile["identities"].get("email")


def phone_of(profile: ProfileDoc) -> str | None:
    return profile["identities"].get("phone")


async def create_profile(context: Context, options: Options, *, given: Given, uuid: str | None) -> PayloadDoc:
    """Create a profile from what is `given` (R44); one without an email is anonymous.

    A retry draws another id, which is dropped with its transaction when the key turns out to have an answer.
    """

    def change(edit: Edit) -> None:
        apply(edit, checked_parts(context, given), source=source_of(options))
        if uuid is not None:
            see_uuid(edit, uuid)

    return await create_profile_at(context, options, time_id(context.now), change)


async def update_profile(context: Context, options: Options, profile_id: str, *, given: Given) -> PayloadDoc:
    """Change what is `given` and leave the rest; None removes."""

    def change(edit: Edit) -> None:
        apply(edit, checked_parts(context, given), source=source_of(options))

    return await change_profile(context, options, profile_id, change)


def checked_parts(context: Context, given: Given) -> Given:
    """Return the parts in their normal form, or refuse everything that is wrong with them at once."""
    normal: dict[str, str | None] = {}
    errors: list[UserError] = []
    for name, value in given.items():
        with gathering(errors):
            normal[name] = None if value is None else checked_part(context, name, value)
    if errors:
        raise RefusedError(errors)
    return normal


def checked_part(context: Context, name: str, value: str) -> str:
    if name in IDENTIFIERS:
        return normal_identifier(name, value, [name], region=context.phone_region)
    return check_length(value, [name], longest=LONGEST[name])


def apply(edit: Edit, parts: Given, *, source: ChangeSource) -> None:
    """Apply checked parts to the profile; a name that is no part's is a system attribute's."""
    for name, value in parts.items():
        if name in SINGLE:
            edit.set(name, value)
        elif value is None:
            edit.unset_attribute(name)
        else:
            edit.set_attribute(name, value, source=source)
