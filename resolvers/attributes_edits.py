"""Set and unset attributes of a profile, several at once, and create and change their definitions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from resolvers.context import Context
from resolvers.mutations import (
    Options,
    PayloadDoc,
    change_profile,
    change_workspace,
    key_of,
    not_found,
    plain,
    source_of,
)
from storage import attributes as stored
from storage.attribute_values import MOST_CHARACTERS, characters, check_value
from storage.attributes import (
    FOLLOWING_DEVICES,
    MOST_DEFINITIONS,
    PREFIX,
    AttributeDefinition,
    AttributeType,
    NewDefinition,
    is_membership,
)
from storage.credentials import Scope
from storage.rules import LONGEST_LINE, LONGEST_NAME, MOST_ATTRIBUTES, check_length, check_name, check_number
from storage.store.ids import whole_milliseconds
from storage.store.mongo import Document, Session
from storage.store.refusals import RefusedError, UserError, UserErrorCode, gathering, refuse
from storage.store.workspace import Workspace
from storage.write.working_copy import Edit

DESCRIPTIVE = frozenset({"displayName", "description"})


class GivenAttribute(TypedDict, total=False):
    """An attribute to set; one without `value` is refused, and `definition` counts while there is none."""

    name: str
    value: Any
    definition: NewDefinition


async def set_attributes(
    context: Context, options: Options, profile_id: str, *, attributes: Sequence[GivenAttribute]
) -> PayloadDoc:
    """Set all of the attributes, or none; new ones are defined in the same transaction (R19-R21)."""
    if any("definition" in given for given in attributes):
        context.credential.require(Scope.DEFINITIONS_WRITE)

    async def change(edit: Edit) -> None:
        check_number(len(attributes), ["attributes"], most=MOST_ATTRIBUTES)
        names = [given["name"] for given in attributes]
        found = await stored.definitions_by_name(edit.workspace, names, session=edit.session)
        known = {definition["name"]: definition for definition in found}
        values = checked_values(attributes, known)
        new = [given["definition"] for given in attributes if given["name"] not in known]
        await define(edit.workspace, new, ["attributes"], now=edit.now, session=edit.session)
        for name, value in values.items():
            edit.set_attribute(name, value, source=source_of(options))
        check_profile(edit)

    return await change_profile(context, options, profile_id, change)


async def unset_attributes(context: Context, options: Options, profile_id: str, *, names: Sequence[str]) -> PayloadDoc:
    """Remove attributes, which is not the same as setting them to null (R22); those that are not there are fine."""

    def change(edit: Edit) -> None:
        check_number(len(names), ["names"], most=MOST_ATTRIBUTES)
        errors: list[UserError] = []
        for position, name in enumerate(names):
            with gathering(errors):
                field = ["names", str(position)]
                check_changeable(check_name(name, field), field)
        if errors:
            raise RefusedError(errors)
        for name in names:
            edit.unset_attribute(name)

    return await change_profile(context, options, profile_id, change)


def checked_values(attributes: Sequence[GivenAttribute], known: Mapping[str, AttributeDefinition]) -> dict[str, Any]:
    """Return the values by name as they are kept, or refuse with everything that is wrong with any of them."""
    errors: list[UserError] = []
    values: dict[str, Any] = {}
    for position, given in enumerate(attributes):
        field, name = ["attributes", str(position)], given["name"]
        with gathering(errors):
            check_changeable(check_name(name, [*field, "name"]), [*field, "name"])
            if name in values:
                raise refuse(UserErrorCode.INVALID_VALUE, [*field, "name"], "This attribute is given twice.")
            values[name] = None
            kind = type_of(given, known.get(name), field)
            values[name] = checked_value(given, kind, [*field, "value"])
    if errors:
        raise RefusedError(errors)
    return values


def type_of(given: GivenAttribute, known: AttributeDefinition | None, field: Sequence[str]) -> AttributeType:
    """Return the type of an attribute, by its definition or by the one that comes with it (R20)."""
    new = given.get("definition")
    if new is not None:
        check_definition(new, [*field, "definition"])
    if known is not None and new is not None and new["type"] != known["type"]:
        message = f"This attribute is there already, and its type is {known['type']}."
        raise refuse(UserErrorCode.ALREADY_EXISTS, [*field, "definition", "type"], message)
    definition = known or new
    if definition is None:
        message = "There is no attribute of this name; create it with attributeDefinitionCreate, or give a definition."
        raise refuse(UserErrorCode.UNKNOWN_ATTRIBUTE, [*field, "name"], message)
    return AttributeType(definition["type"])


def checked_value(given: GivenAttribute, kind: AttributeType, field: Sequence[str]) -> Any:
    if "value" not in given:
        raise refuse(UserErrorCode.INVALID_VALUE, field, "Give a value, or null for none.")
    return check_value(given["value"], kind, field)


def check_changeable(name: str, field: Sequence[str]) -> None:
    """Refuse attributes whose values are not for anybody to set: memberships (R34), and what follows from devices."""
    if is_membership(name):
        message = "The attribute tells of a segmentation; only its synchronization changes it."
        raise refuse(UserErrorCode.MEMBERSHIP_READ_ONLY, field, message)
    if name in FOLLOWING_DEVICES:
        message = "The attribute follows from the devices; register or unregister one."
        raise refuse(UserErrorCode.SYSTEM_ATTRIBUTE, field, message)


def check_definition(definition: NewDefinition, field: Sequence[str]) -> None:
    """Refuse names and descriptions of a definition that are blank or too long; what is not given is fine."""
    if "displayName" in definition:
        check_length(definition["displayName"], [*field, "displayName"], longest=LONGEST_NAME)
    description = definition.get("description")
    if description is not None:
        check_length(description, [*field, "description"], longest=LONGEST_LINE, blank=True)


def check_profile(edit: Edit) -> None:
    """Refuse more attributes than a profile can hold."""
    held = edit.profile["attributes"]
    check_number(len(held), ["attributes"], most=MOST_ATTRIBUTES)
    total = sum(characters(attribute["value"]) for attribute in held)
    if total > MOST_CHARACTERS:
        message = f"The profile's attributes would have {total} characters, and {MOST_CHARACTERS} are the most."
        raise refuse(UserErrorCode.TOO_LONG, ["attributes"], message)


async def define(
    workspace: Workspace, new: Sequence[NewDefinition], field: Sequence[str], *, now: datetime, session: Session
) -> list[AttributeDefinition]:
    """Create definitions, unless the workspace would have too many."""
    if not new:
        return []
    number = await stored.count_definitions(workspace, session=session) + len(new)
    check_number(number, field, most=MOST_DEFINITIONS)
    return await stored.create_definitions(workspace, new, now=now, session=session)


async def create_definition(context: Context, options: Options, *, definition: NewDefinition) -> PayloadDoc:
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
) -> PayloadDoc:
    """Change those fields of a definition that are given."""

    async def body(session: Session) -> Document:
        key = key_of(definition_id, PREFIX, ["attributeDefinitionId"])
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
