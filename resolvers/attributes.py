"""Attributes of a profile with their definitions, those without a value included, and the definitions themselves."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypedDict

from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from resolvers.privacy import MASK
from storage import attributes
from storage.attributes import Attribute, AttributeDefinition, AttributeSource, AttributeType, Section
from storage.credentials import Scope
from storage.pages import PageRequest
from storage.profiles import ProfileDoc

NOT_AVAILABLE = "N/A"
VALUE_KEYS = {
    AttributeType.STRING: "string",
    AttributeType.NUMBER: "number",
    AttributeType.DATE: "date",
    AttributeType.BOOLEAN: "boolean",
    AttributeType.ARRAY: "items",
}


class AttributeDoc(TypedDict):
    """An attribute as it is shown. `value` is None when it is unset, null or masked; `display` says which."""

    name: str
    displayName: str
    section: Section
    type: AttributeType
    value: dict[str, Any] | None
    display: str
    masked: bool
    source: AttributeSource | None
    updatedAt: datetime | None


async def attributes_of(
    context: Context,
    profile: ProfileDoc,
    *,
    section: Section | None = None,
    names: Sequence[str] | None = None,
    include_unset: bool = False,
) -> list[AttributeDoc]:
    """Return the attributes of a profile by name; with `include_unset` also those it lacks, as N/A (R10)."""
    definitions = await context.loaders.attribute_definitions.load(context.workspace.id)
    values = {attribute["name"]: attribute for attribute in profile["attributes"]}
    wanted = {*values, *definitions} if include_unset else set(values)
    if names is not None:
        wanted &= set(names)
    shown = [described(name, values.get(name), definitions) for name in sorted(wanted)]
    return [attribute for attribute in shown if section is None or attribute["section"] == section]


def described(name: str, attribute: Attribute | None, definitions: Mapping[str, AttributeDefinition]) -> AttributeDoc:
    """Return an attribute together with its definition; one without gets its type from its value."""
    definition = definitions.get(name)
    value = attribute and attribute["value"]
    kind = AttributeType(definition["type"]) if definition else type_of(value)
    masked = bool(attribute and attribute.get("masked"))
    return {
        "name": name,
        "displayName": definition["displayName"] if definition else name,
        "section": Section(definition["section"]) if definition else Section.OTHER,
        "type": kind,
        "value": None if value is None else {VALUE_KEYS[type_of(value)]: value},
        "display": MASK if masked else display(value),
        "masked": masked,
        "source": attribute and attribute["source"],
        "updatedAt": attribute and attribute["updatedAt"],
    }


def type_of(value: Any) -> AttributeType:
    """Return the type that a stored value has."""
    match value:
        case bool():
            return AttributeType.BOOLEAN
        case int() | float():
            return AttributeType.NUMBER
        case datetime():
            return AttributeType.DATE
        case list():
            return AttributeType.ARRAY
        case _:
            return AttributeType.STRING


def display(value: Any) -> str:
    """Return a value as text for people; `N/A` stands for none (R7)."""
    match value:
        case None:
            return NOT_AVAILABLE
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case datetime():
            at = value.astimezone(UTC)
            midnight = (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0)
            return at.date().isoformat() if midnight else at.isoformat()
        case list():
            return ", ".join(display(item) for item in value)
        case _:
            return str(value)


async def list_definitions(context: Context, page: PageRequest, *, section: Section | None = None) -> ConnectionDoc:
    context.credential.require(Scope.PROFILES_READ)
    return connection(await attributes.list_definitions(context.workspace, page, section=section))
