"""Set and remove what a person can be found by: email, phone and customId (R14)."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

from resolvers.context import Context
from resolvers.mutations import Options, change_profile
from storage.contacts import normal_identifier
from storage.identifiers import field_name, free_claims
from storage.parts import SINGLE
from storage.store.refusals import RefusedError
from storage.write.working_copy import Edit


class EditableIdentifier(StrEnum):
    """An identifier that people edit; UUIDs and devices come by themselves."""

    EMAIL = "EMAIL"
    PHONE = "PHONE"
    CUSTOM_ID = "CUSTOM_ID"


async def set_identifier(
    context: Context, profile_id: str, options: Options, *, kind: EditableIdentifier, value: str
) -> dict[str, Any]:
    """Set an identifier in its normal form (R14, R15, R17)."""
    name = field_name(kind)

    async def change(edit: Edit) -> None:
        normal = normal_identifier(name, value, ["value"], region=context.phone_region)
        await require_free(edit, name, normal, ["value"])
        edit.set(name, normal)

    return await change_profile(context, profile_id, options, change)


async def unset_identifier(
    context: Context, profile_id: str, options: Options, *, kind: EditableIdentifier
) -> dict[str, Any]:
    """Remove an identifier; one that the profile lacks is no change."""

    def change(edit: Edit) -> None:
        edit.set(field_name(kind), None)

    return await change_profile(context, profile_id, options, change)


async def require_free(edit: Edit, name: str, value: str, field: Sequence[str]) -> None:
    """Refuse a value that another profile has, at `field` and not at the identifier's own name."""
    if (unique := SINGLE[name].unique) is None:
        return
    try:
        await free_claims(edit.workspace, [(unique, value, edit.profile["_id"])], session=edit.session)
    except RefusedError as refused:
        raise RefusedError([replace(error, field=tuple(field)) for error in refused.errors]) from refused
