"""Definitions of attributes: the list, and how one is created and changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from resolvers.catalogue import check_free, delete_entry, list_catalogue
from resolvers.connections import ConnectionDoc
from resolvers.context import Context
from resolvers.mutations import Options, PayloadDoc, change_workspace, create_in_workspace, existing
from storage import attribute_definitions as stored
from storage.attribute_definitions import MOST_DEFINITIONS, NOUN, AttributeDefinition, NewDefinition, Section
from storage.attributes import is_membership
from storage.catalogue import change_entry, changes_of, count_entries, entries_by_name
from storage.credentials import Scope
from storage.rules import LONGEST_LINE, LONGEST_NAME, check_kept, check_length, check_name, check_number, name_to_find
from storage.store.ids import whole_milliseconds
from storage.store.mongo import Document, Session
from storage.store.pages import PageRequest
from storage.store.refusals import UserErrorCode, refuse
from storage.store.workspace import Workspace

DESCRIPTIVE = frozenset({"displayName", "description"})


async def list_definitions(context: Context, page: PageRequest, *, section: Section | None = None) -> ConnectionDoc:
    return await list_catalogue(context, NOUN, page, match=stored.listed(section))


async def find_definition(context: Context, name: str) -> AttributeDefinition | None:
    """Return the definition of the attribute with this name."""
    context.credential.require(Scope.PROFILES_READ)
    found = await entries_by_name(context.workspace, NOUN, [name_to_find(name)])
    return found[0] if found else None


async def create_definition(context: Context, options: Options, *, definition: NewDefinition) -> PayloadDoc:
    """Define an attribute; its name is never used twice and never changes (R20)."""

    async def body(session: Session) -> Document:
        name = check_name(definition["name"], ["name"])
        if is_membership(name):
            message = "Attributes that say who belongs to a segmentation are created by its synchronization."
            raise refuse(UserErrorCode.READ_ONLY, ["name"], message)
        check_definition(definition, [])
        await check_free(context, NOUN, name, "There is already an attribute with this name.", session=session)
        now = whole_milliseconds(context.now)
        (made,) = await define(context.workspace, [definition], ["name"], now=now, session=session)
        return {"attributeDefinition": made}

    return await create_in_workspace(context, options, body)


async def update_definition(
    context: Context, options: Options, definition_id: str, *, fields: Mapping[str, Any]
) -> PayloadDoc:
    """Change those fields of a definition that are given."""

    async def body(session: Session) -> Document:
        definition: AttributeDefinition = await existing(context, options, NOUN, definition_id, session)
        check_kept(fields, "displayName", "type", "section", "personal")
        check_definition(fields, [])
        changed = changes_of(definition, fields)
        check_open(definition, sorted(changed))
        if "type" in changed and await stored.is_attribute_used(context.workspace, definition["name"], session=session):
            message = "Profiles have this attribute, so its type can't change; unset it on them, or define another."
            raise refuse(UserErrorCode.IN_USE, ["type"], message)
        if not changed:
            return {"attributeDefinition": definition}
        after = await change_entry(context.workspace, NOUN, definition, changed, now=context.now, session=session)
        return {"attributeDefinition": after}

    return await change_workspace(context, options, body)


async def delete_definition(context: Context, options: Options, definition_id: str) -> PayloadDoc:
    """Remove the definition of an attribute that no profile has."""

    async def check(definition: AttributeDefinition, session: Session) -> None:
        if definition["system"] or is_membership(definition["name"]):
            message = "This attribute is the gateway's own; its definition can't be deleted."
            raise refuse(UserErrorCode.READ_ONLY, ["id"], message)
        if await stored.is_attribute_used(context.workspace, definition["name"], session=session):
            message = "Profiles have this attribute; remove it from them first (profileAttributesUnset)."
            raise refuse(UserErrorCode.IN_USE, ["id"], message)

    answer = "deletedAttributeDefinitionId"
    return await delete_entry(context, options, NOUN, definition_id, answer=answer, check=check)


def check_open(definition: AttributeDefinition, changed: Sequence[str]) -> None:
    """Refuse changes of what other parts of the gateway, or other workspaces, rely on."""
    closed = [name for name in changed if name not in DESCRIPTIVE]
    if closed and definition["system"]:
        message = "Only the display name and description of a system attribute can be changed."
        raise refuse(UserErrorCode.READ_ONLY, [closed[0]], message)
    if "type" in closed and is_membership(definition["name"]):
        message = "An attribute that says who belongs to a segmentation is always true or false."
        raise refuse(UserErrorCode.READ_ONLY, ["type"], message)


def check_definition(definition: Mapping[str, Any], field: Sequence[str]) -> None:
    """Refuse a display name or description that is blank or too long; either may be left out."""
    if "displayName" in definition:
        check_length(definition["displayName"], [*field, "displayName"], longest=LONGEST_NAME)
    description = definition.get("description")
    if description is not None:
        check_length(description, [*field, "description"], longest=LONGEST_LINE, blank=True)


async def define(
    workspace: Workspace, new: Sequence[NewDefinition], field: Sequence[str], *, now: datetime, session: Session
) -> list[AttributeDefinition]:
    """Create definitions, unless the workspace would have too many."""
    if not new:
        return []
    number = await count_entries(workspace, NOUN, most=MOST_DEFINITIONS, session=session) + len(new)
    check_number(number, field, most=MOST_DEFINITIONS)
    return await stored.create_definitions(workspace, new, now=now, session=session)
