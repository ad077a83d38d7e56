"""Attributes of a profile with their definitions, and those that it lacks."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time
from operator import itemgetter
from typing import Any

from resolvers.context import Context
from resolvers.privacy import MASK
from storage.attribute_definitions import AttributeDefinition, Section
from storage.attributes import Attribute, AttributeType
from storage.profiles import ProfileDoc
from storage.sources import ChangeSource
from storage.store.errors import BadInputError
from storage.store.timestamps import write_timestamp

NOT_AVAILABLE = "N/A"
MOST_NAMES = 100
VALUE_KEYS = {
    AttributeType.STRING: "string",
    AttributeType.NUMBER: "number",
    AttributeType.DATE: "date",
    AttributeType.BOOLEAN: "boolean",
    AttributeType.ARRAY: "items",
}


# The name of an attribute of a profile, what is stored unless it is unset, and its definition unless it has none.
AttributeDoc = tuple[str, Attribute | None, AttributeDefinition | None]
name_of = itemgetter(0)


async def attributes_of_each(
    context: Context,
    profiles: Sequence[ProfileDoc],
    *,
    section: Section | None = None,
    names: Sequence[str] | None = None,
    include_unset: bool = False,
) -> list[list[AttributeDoc]]:
    """Return the attributes of each profile by name, or those of `names` in their order.

    With `include_unset` they are also those that it lacks, as N/A (R10).
    """
    definitions = await context.loaders.attribute_definitions.load(context.workspace.id)
    return [
        attributes_of(profile, definitions, section=section, names=names, include_unset=include_unset)
        for profile in profiles
    ]


async def attribute_of_each(
    context: Context, profiles: Sequence[ProfileDoc], *, name: str
) -> list[AttributeDoc | None]:
    """Return an attribute of each profile, as N/A where it is only defined; None where it is not even that."""
    found = await attributes_of_each(context, profiles, names=[name], include_unset=True)
    return [attributes[0] if attributes else None for attributes in found]


def values_of_each(profiles: Sequence[ProfileDoc], *, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return values of each profile by name, in the order of the names; None where it has none, or it is masked."""
    if len(names) > MOST_NAMES:
        raise BadInputError(f"names has at most {MOST_NAMES} names; these are {len(names)}.", argument="names")
    found = []
    for profile in profiles:
        values = {attribute["name"]: attribute["value"] for attribute in profile["attributes"]}
        found.append({name: as_json(values.get(name)) for name in names})
    return found


def as_json(value: Any) -> Any:
    return write_timestamp(value) if isinstance(value, datetime) else value


def attributes_of(
    profile: ProfileDoc,
    definitions: Mapping[str, AttributeDefinition],
    *,
    section: Section | None,
    names: Sequence[str] | None,
    include_unset: bool,
) -> list[AttributeDoc]:
    stored = profile["attributes"]
    found: list[AttributeDoc]
    if names is None:
        found = [(name := each["name"], each, definitions.get(name)) for each in stored]
        if include_unset:
            held = {name for name, _, _ in found}
            found += [(name, None, definition) for name, definition in definitions.items() if name not in held]
        found.sort(key=name_of)
    else:
        by_name = {each["name"]: each for each in stored}
        known = definitions.keys() | by_name.keys() if include_unset else by_name.keys()
        found = [(name, by_name.get(name), definitions.get(name)) for name in dict.fromkeys(names) if name in known]
    return found if section is None else [attribute for attribute in found if section_of(attribute) is section]


def display_name_of(attribute: AttributeDoc) -> str:
    """Return the name for people; one without a definition has its source name only."""
    name, _, definition = attribute
    return definition["displayName"] if definition else name


def section_of(attribute: AttributeDoc) -> Section:
    _, _, definition = attribute
    return Section(definition["section"]) if definition else Section.OTHER


def kind_of(attribute: AttributeDoc) -> AttributeType:
    """Return the type that the definition gives; without one, that of the value."""
    _, _, definition = attribute
    return AttributeType(definition["type"]) if definition else type_of(stored_value(attribute))


def value_of(attribute: AttributeDoc) -> dict[str, Any] | None:
    """Return the value under the key of its type; None when it is unset, null or masked."""
    value = stored_value(attribute)
    return None if value is None else {VALUE_KEYS[type_of(value)]: value}


def display_of(attribute: AttributeDoc) -> str:
    """Return the value as text for people, which says whether there is none or it is masked."""
    _, stored, _ = attribute
    if stored is None:
        return NOT_AVAILABLE
    if stored.get("masked"):
        return MASK
    value = stored["value"]
    return value if value.__class__ is str else display(value)


def is_masked(attribute: AttributeDoc) -> bool:
    _, stored, _ = attribute
    return stored is not None and bool(stored.get("masked"))


def source_of(attribute: AttributeDoc) -> ChangeSource | None:
    _, stored, _ = attribute
    return stored and stored["source"]


def updated_at_of(attribute: AttributeDoc) -> datetime | None:
    _, stored, _ = attribute
    return stored and stored["updatedAt"]


def stored_value(attribute: AttributeDoc) -> Any:
    _, stored, _ = attribute
    return stored and stored["value"]


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
    return TEXTS.get(value.__class__, str)(value)


def display_moment(value: datetime) -> str:
    at = value if value.tzinfo in (None, UTC) else value.astimezone(UTC)
    return at.date().isoformat() if at.time() == time.min else write_timestamp(at)


TEXTS: Mapping[type, Callable[[Any], str]] = {
    type(None): lambda _: NOT_AVAILABLE,
    bool: lambda value: "true" if value else "false",
    float: lambda value: str(int(value) if value.is_integer() else value),
    datetime: display_moment,
    list: lambda value: ", ".join(map(display, value)),
}
