"""Creating and changing the definitions of attributes."""

from collections.abc import Mapping, Sequence
from typing import Any

from resolvers.attribute_edits import check_definition, define
from resolvers.context import Context
from resolvers.mutations import Options, change_workspace, key_of, not_found, plain
from storage import attribute_definitions as stored
from storage.attribute_definitions import NOUN, AttributeDefinition, NewDefinition
from storage.attributes import is_membership
from storage.rules import check_name
from storage.store.ids import whole_milliseconds
from storage.store.mongo import Document, Session
from storage.store.refusals import UserErrorCode, refuse

DESCRIPTIVE = frozenset({"displayName", "description"})


async def create_definition(context: Context, options: Options, *, definition: NewDefinition) -> dict[str, Any]:
    """Define an attribute; its name is never used twice and never changes (R20)."""

    async def body(session: Session) -> Document:
        name = check_name(definition["name"], ["name"])
        if is_membership(name):
            message = "Attributes that tell of a segmentation are made by its synchronization."
            raise refuse(UserErrorCode.MEMBERSHIP_READ_ONLY, ["name"], message)
        check_definition(definition, [])
        if await stored.definitions_by_name(context.workspace, [name], session=session):
            raise refuse(UserErrorCode.ALREADY_EXISTS, ["name"], "There is an attribute of this name already.")
        now = whole_milliseconds(context.now)
        (made,) = await define(context.workspace, [definition], ["name"], now=now, session=session)
        return answer(None, made)

    return await change_workspace(context, options, body)


async def update_definition(
    context: Context, options: Options, *, definition_id: str, fields: NewDefinition
) -> dict[str, Any]:
    """Change those fields of a definition that are given."""

    async def body(session: Session) -> Document:
        key = key_of(definition_id, NOUN.prefix, ["attributeDefinitionId"])
        found = await stored.definitions_by_id(context.workspace, [key], session=session)
        if not found:
            raise not_found(["attributeDefinitionId"])
        before: Mapping[str, Any] = found[0]
        check_definition(fields, [])
        changed = {name: value for name, value in fields.items() if before[name] != value}
        check_open(found[0], sorted(changed))
        if "type" in changed and await stored.is_attribute_used(context.workspace, before["name"], session=session):
            message = "Profiles have this attribute, so that its type must stay; unset it on them, or define another."
            raise refuse(UserErrorCode.INVALID_VALUE, ["type"], message)
        if not changed:
            return {"attributeDefinition": found[0]}
        return answer(found[0], await stored.update_definition(context.workspace, found[0], changed, session=session))

    return await change_workspace(context, options, body)


def check_open(definition: AttributeDefinition, changed: Sequence[str]) -> None:
    """Refuse changes of what other parts of the gateway, or other workspaces, rely on."""
    closed = [name for name in changed if name not in DESCRIPTIVE]
    if closed and definition["system"]:
        message = "Of an attribute that came with the gateway only display name and description can be changed."
        raise refuse(UserErrorCode.SYSTEM_ATTRIBUTE, [closed[0]], message)
    if "type" in closed and is_membership(definition["name"]):
        message = "An attribute that tells of a segmentation is always true or false."
        raise refuse(UserErrorCode.MEMBERSHIP_READ_ONLY, ["type"], message)


def answer(before: AttributeDefinition | None, after: AttributeDefinition) -> Document:
    """Return the definition, and how it changed."""
    change = {"field": f"attributeDefinitions.{after['name']}", "before": plain(before), "after": plain(after)}
    return {"attributeDefinition": after, "changes": [change]}
