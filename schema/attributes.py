"""Attributes of a profile, typed, and their definitions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from resolvers import attributes as resolve
from schema.connections import After, Before, Connection, First, Last, known, page
from schema.documents import Info, computed, one
from schema.nodes import Node, NodeDocument, public_id
from storage import attribute_definitions as stored
from storage.attribute_definitions import Section
from storage.attributes import AttributeSource, AttributeType
from storage.profiles import ProfileDoc

strawberry.enum(Section, description="Part of the profile card that an attribute belongs to")
strawberry.enum(AttributeType, description="Type of an attribute's values")
strawberry.enum(AttributeSource, description="Where the value of an attribute came from")


class Tagged:
    """Base of the types of a value: the document of one has the key that the type's only field reads."""

    @classmethod
    def is_type_of(cls, document: Any, *_: Any) -> bool:
        definition = cls.__strawberry_definition__  # type: ignore[attr-defined]  # strawberry sets it
        return definition.fields[0].python_name in document


@strawberry.type(description="Text")
class StringValue(Tagged):
    string: str = strawberry.field(description="Text itself")


@strawberry.type(description="Number")
class NumberValue(Tagged):
    number: float = strawberry.field(description="Number itself")


@strawberry.type(description="Date or moment")
class DateValue(Tagged):
    date: datetime = strawberry.field(description="Timestamp; midnight UTC of a date without time")


@strawberry.type(description="Truth value")
class BooleanValue(Tagged):
    boolean: bool = strawberry.field(description="Indicates what the attribute says")


@strawberry.type(description="List of values")
class ArrayValue(Tagged):
    items: list[JSON] = strawberry.field(description="Texts, numbers and truth values, in their order")


AttributeValue = Annotated[
    StringValue | NumberValue | DateValue | BooleanValue | ArrayValue,
    strawberry.union("AttributeValue", description="Value of an attribute, by its type"),
]


@strawberry.type(description="Attribute of a profile with its definition")
class Attribute:
    name = computed(resolve.name_of, str, "Source name")
    display_name = computed(resolve.display_name_of, str, "Name for people")
    section = computed(resolve.section_of, Section, "Part of the profile card it belongs to")
    type = computed(resolve.kind_of, AttributeType, "Type of its values", "value")
    value = computed(resolve.value_of, AttributeValue | None, "Value; null when unset, set to null, or masked", "value")
    display = computed(resolve.display_of, str, "Value as text; N/A without one, *** when masked", "value")
    masked = computed(
        resolve.is_masked,
        bool,
        "Indicates whether the value is personal and the credential lacks personal:read",
    )
    source = computed(resolve.source_of, AttributeSource | None, "Where the value came from", "source")
    updated_at = computed(
        resolve.updated_at_of, datetime | None, "Timestamp of the latest change of the value", "updatedAt"
    )


@strawberry.type(description="What an attribute means")
class AttributeDefinition(NodeDocument, Node):
    id: strawberry.ID = public_id(stored.NOUN.prefix)
    name: str = strawberry.field(description="Source name, unique in the workspace")
    display_name: str = strawberry.field(description="Name for people")
    description: str | None = strawberry.field(description="What it is for")
    type: AttributeType = strawberry.field(description="Type of its values")
    section: Section = strawberry.field(description="Part of the profile card it belongs to")
    system: bool = strawberry.field(description="Indicates whether it came with the gateway")
    personal: bool = strawberry.field(description="Indicates whether values are shown only with personal:read")
    created_at: datetime = strawberry.field(description="Timestamp of its creation")


SectionFilter = Annotated[Section | None, strawberry.argument(description="Only those of this section")]
Names = Annotated[list[str] | None, strawberry.argument(description="Only those with these source names")]
IncludeUnset = Annotated[bool, strawberry.argument(description="Whether to list those that the profile lacks, as N/A")]


def attributes_of_each(
    info: Info,
    profiles: Sequence[ProfileDoc],
    section: Section | None = UNSET,
    names: list[str] | None = UNSET,
    include_unset: bool = False,
) -> Any:
    return resolve.attributes_of_each(
        info.context, profiles, section=known(section), names=known(names), include_unset=include_unset
    )


def attributes(
    root: strawberry.Parent[ProfileDoc],
    info: Info,
    section: SectionFilter = UNSET,
    names: Names = UNSET,
    include_unset: IncludeUnset = False,
) -> Any:
    return one(attributes_of_each(info, [root], section, names, include_unset))


def attribute_definitions(
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
    section: SectionFilter = UNSET,
) -> Any:
    return resolve.list_definitions(info.context, page(first, after, last, before), section=known(section))


AttributeDefinitionConnection = Connection[AttributeDefinition]
