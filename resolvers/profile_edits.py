"""Make profiles, and edit who the person is: names, description, and how to reach them (R11, R14, R44)."""

from collections.abc import Mapping
from typing import Any

from resolvers.context import Context
from resolvers.devices import see_uuid
from resolvers.identifier_edits import EditableIdentifier
from resolvers.mutations import Options, change_profile, create_profile, source_of
from storage.attributes import AttributeSource
from storage.contacts import normal_identifier
from storage.identifiers import field_name
from storage.parts import SINGLE
from storage.rules import LONGEST_NAME, LONGEST_TEXT, check_length
from storage.store.ids import time_id
from storage.store.refusals import RefusedError, UserError, gathering
from storage.write.working_copy import Edit

IDENTIFIERS = frozenset(map(field_name, EditableIdentifier))
LONGEST = {"firstName": LONGEST_NAME, "lastName": LONGEST_NAME, "description": LONGEST_TEXT}
Given = Mapping[str, str | None]


async def make_profile(context: Context, options: Options, *, given: Given, uuid: str | None) -> dict[str, Any]:
    """Make a profile of what is `given`, anonymous without anything; its id is random.

    A retry draws another id, which is dropped with its transaction when the key turns out to have an answer.
    """

    def change(edit: Edit) -> None:
        fill(edit, checked_parts(context, given), source=source_of(options))
        if uuid is not None:
            see_uuid(edit, uuid, platform=None)

    return await create_profile(context, time_id(context.now), options, change)


async def update_profile(context: Context, profile_id: str, options: Options, *, given: Given) -> dict[str, Any]:
    """Change what is `given` and leave the rest; None removes."""

    def change(edit: Edit) -> None:
        fill(edit, checked_parts(context, given), source=source_of(options))

    return await change_profile(context, profile_id, options, change)


def checked_parts(context: Context, given: Given) -> Given:
    """Return the parts in their normal form, or refuse all that are wrong at once."""
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


def fill(edit: Edit, parts: Given, *, source: AttributeSource) -> None:
    """Put checked parts into the profile; names of no part are system attributes."""
    for name, value in parts.items():
        if name in SINGLE:
            edit.set(name, value)
        elif value is None:
            edit.unset_attribute(name)
        else:
            edit.set_attribute(name, value, source=source)
