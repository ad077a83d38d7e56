"""Set and unset attributes of a profile, several at once."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from resolvers.attribute_definitions import check_definition, define
from resolvers.context import Context
from resolvers.mutations import Options, PayloadDoc, change_profile, source_of
from storage import attribute_definitions as stored
from storage.attribute_definitions import AttributeDefinition, NewDefinition
from storage.attribute_values import MOST_CHARACTERS, characters, check_value
from storage.attributes import FOLLOWING_DEVICES, RECEIVES_WHATSAPP, AttributeType, is_membership
from storage.catalogue import entries_by_name
from storage.credentials import Scope
from storage.rules import MOST_ATTRIBUTES, check_name, check_number
from storage.store.refusals import RefusedError, UserError, UserErrorCode, gathering, refuse
from storage.write.working_copy import Edit


class GivenAttribute(TypedDict, total=False):
    """An attribute to set; one without `value` is refused, and `definition` is ignored where there is one already."""

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
        existing = await entries_by_name(edit.workspace, stored.NOUN, names, session=edit.session)
        definitions = {definition["name"]: definition for definition in existing}
        values = checked_values(attributes, definitions)
        new = [given["definition"] for given in attributes if given["name"] not in definitions]
        await define(edit.workspace, new, ["attributes"], now=edit.now, session=edit.session)
        for name, value in values.items():
            edit.set_attribute(name, value, source=source_of(options))
        check_profile(edit)

    return await change_profile(context, options, profile_id, change)


async def unset_attributes(context: Context, options: Options, profile_id: str, *, names: Sequence[str]) -> PayloadDoc:
    """Remove attributes, which is not setting them to null (R22); those that the profile lacks are no error."""

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


def checked_values(
    attributes: Sequence[GivenAttribute], definitions: Mapping[str, AttributeDefinition]
) -> dict[str, Any]:
    """Return the values to store by name, or refuse with everything that is wrong with any of them."""
    errors: list[UserError] = []
    values: dict[str, Any] = {}
    for position, given in enumerate(attributes):
        field, name = ["attributes", str(position)], given["name"]
        with gathering(errors):
            check_changeable(check_name(name, [*field, "name"]), [*field, "name"])
            if name in values:
                raise refuse(UserErrorCode.INVALID_VALUE, [*field, "name"], "This attribute is given twice.")
            values[name] = None
            kind = type_of(given, definitions.get(name), field)
            values[name] = checked_value(given, kind, [*field, "value"])
    if errors:
        raise RefusedError(errors)
    return values


def type_of(given: GivenAttribute, existing: AttributeDefinition | None, field: Sequence[str]) -> AttributeType:
    """Return the type of an attribute, by its definition or by the one that comes with it (R20)."""
    new = given.get("definition")
    if new is not None:
        check_definition(new, [*field, "definition"])
    if existing is not None and new is not None and new["type"] != existing["type"]:
        message = f"This attribute exists already, and its type is {existing['type']}."
        raise refuse(UserErrorCode.TAKEN, [*field, "definition", "type"], message)
    definition = existing or new
    if definition is None:
        message = (
            "There is no attribute with this name; create it with attributeDefinitionCreate, or give a definition."
        )
        raise refuse(UserErrorCode.NOT_FOUND, [*field, "name"], message)
    return AttributeType(definition["type"])


def checked_value(given: GivenAttribute, kind: AttributeType, field: Sequence[str]) -> Any:
    if "value" not in given:
        raise refuse(UserErrorCode.INVALID_VALUE, field, "Give a value, or null for none.")
    is_list = isinstance(given["value"], list)
    return check_value(given["value"], kind, [*field, "items"] if is_list else field)


def check_changeable(name: str, field: Sequence[str]) -> None:
    """Refuse attributes that nobody sets by hand: memberships (R34), and those that follow from the devices."""
    if is_membership(name):
        message = "The attribute says who belongs to a segmentation; only its synchronization changes it."
        raise refuse(UserErrorCode.READ_ONLY, field, message)
    if name == RECEIVES_WHATSAPP:
        message = "The attribute is the agreement of WHATSAPP; set that instead (profileAgreementsSet)."
        raise refuse(UserErrorCode.READ_ONLY, field, message)
    if name in FOLLOWING_DEVICES:
        message = "The attribute follows from the devices; register or unregister one instead."
        raise refuse(UserErrorCode.READ_ONLY, field, message)


def check_profile(edit: Edit) -> None:
    """Refuse more attributes than a profile can hold."""
    held = edit.profile["attributes"]
    check_number(len(held), ["attributes"], most=MOST_ATTRIBUTES)
    total = sum(characters(attribute["value"]) for attribute in held)
    if total > MOST_CHARACTERS:
        message = f"The profile's attributes would have {total} characters; at most {MOST_CHARACTERS} are allowed."
        raise refuse(UserErrorCode.TOO_LONG, ["attributes"], message)
