"""Set and remove what a person can be found by: email, phone and customId (R14)."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

from resolvers.context import Context
from resolvers.mutations import Options, change_profile
from storage.contacts import normal_email, normal_phone
from storage.identifiers import free_claims
from storage.rules import check_identifier
from storage.store.refusals import RefusedError
from storage.write.comparing import UNIQUE
from storage.write.working_copy import Edit


class EditableIdentifier(StrEnum):
    """An identifier that people edit; UUIDs and devices come by themselves."""

    EMAIL = "EMAIL"
    PHONE = "PHONE"
    CUSTOM_ID = "CUSTOM_ID"


NAMES = {
    EditableIdentifier.EMAIL: "email",
    EditableIdentifier.PHONE: "phone",
    EditableIdentifier.CUSTOM_ID: "customId",
}


async def set_identifier(
    context: Context, profile_id: str, options: Options, *, kind: EditableIdentifier, value: str
) -> dict[str, Any]:
    """Set an identifier in its normal form (R14, R15, R17)."""

    async def change(edit: Edit) -> None:
        normal = checked(context, kind, value, ["value"])
        await require_free(edit, kind, normal, ["value"])
        put(edit, kind, normal)

    return await change_profile(context, profile_id, options, change)


async def unset_identifier(
    context: Context, profile_id: str, options: Options, *, kind: EditableIdentifier
) -> dict[str, Any]:
    """Remove an identifier; one that the profile lacks is no change."""

    def change(edit: Edit) -> None:
        put(edit, kind, None)

    return await change_profile(context, profile_id, options, change)


def checked(context: Context, kind: EditableIdentifier, value: str, field: Sequence[str]) -> str:
    """Return the normal form of an identifier, or refuse it."""
    match kind:
        case EditableIdentifier.EMAIL:
            return normal_email(value, field)
        case EditableIdentifier.PHONE:
            return normal_phone(value, field, region=context.phone_region)
        case EditableIdentifier.CUSTOM_ID:
            return check_identifier(value, field)


def put(edit: Edit, kind: EditableIdentifier, value: str | None) -> None:
    match kind:
        case EditableIdentifier.EMAIL:
            edit.set_email(value)
        case EditableIdentifier.PHONE:
            edit.set_phone(value)
        case EditableIdentifier.CUSTOM_ID:
            edit.set_custom_id(value)


async def require_free(edit: Edit, kind: EditableIdentifier, value: str, field: Sequence[str]) -> None:
    """Refuse a value that another profile has, at `field` and not at the identifier's own name."""
    if (unique := UNIQUE.get(NAMES[kind])) is None:
        return
    try:
        await free_claims(edit.workspace, [(unique, value, edit.profile["_id"])], session=edit.session)
    except RefusedError as refused:
        raise RefusedError([replace(error, field=tuple(field)) for error in refused.errors]) from refused
