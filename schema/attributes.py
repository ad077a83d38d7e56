"""Attributes of a profile, typed, and their mutations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from resolvers import attribute_changes as changes
from resolvers import attributes as resolve
from resolvers import attributes_edits as edit
from resolvers.attributes_edits import GivenAttribute
from resolvers.context import Context
from resolvers.entries import ChangeKind
from resolvers.mutations import Options
from schema.attribute_definitions import AttributeDefinitionInput
from schema.documents import Info, computed, one
from schema.entries import ChangeEntry, titled
from schema.filters import AttributeValueInput
from schema.mutations import Answer, ProfileId, ProfilePayload, mutation
from schema.nodes import NodeDocument
from storage.attribute_definitions import Section
from storage.attributes import AttributeType
from storage.credentials import Scope
from storage.profiles import ProfileDoc
from storage.sources import ChangeSource

ITEMS = "Texts of at most 1,000 characters, finite numbers and truth values, at most 200"


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
    items: list[JSON] = strawberry.field(description=f"{ITEMS}, in their order")


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
    source = computed(resolve.source_of, ChangeSource | None, "Where the value came from", "source")
    updated_at = computed(
        resolve.updated_at_of, datetime | None, "Timestamp of the latest change of the value", "updatedAt"
    )


@strawberry.input(description="Which attributes to list")
class AttributeFilter:
    section: Section | None = strawberry.field(default=None, description="Only those of this section")
    names: list[str] | None = strawberry.field(
        default=None, description="Only those with these source names, in this order and each once"
    )


Filter = Annotated[AttributeFilter | None, strawberry.argument(description="Which attributes to list; all without one")]
IncludeUnset = Annotated[
    bool | None, strawberry.argument(description="Whether to list those that the profile lacks, as N/A")
]
Name = Annotated[str, strawberry.argument(description="Source name")]
Names = Annotated[list[str], strawberry.argument(description="Source names, at most 100")]


def attributes_of_each(
    info: Info,
    profiles: Sequence[ProfileDoc],
    filter: AttributeFilter | None = UNSET,
    include_unset: bool | None = False,
) -> Any:
    wanted = filter or AttributeFilter()
    return resolve.attributes_of_each(
        info.context, profiles, section=wanted.section, names=wanted.names, include_unset=bool(include_unset)
    )


def attributes(
    root: strawberry.Parent[ProfileDoc], info: Info, filter: Filter = UNSET, include_unset: IncludeUnset = False
) -> Any:
    return one(attributes_of_each(info, [root], filter, include_unset))


def attribute_of_each(info: Info, profiles: Sequence[ProfileDoc], name: str) -> Any:
    return resolve.attribute_of_each(info.context, profiles, name=name)


def attribute(root: strawberry.Parent[ProfileDoc], info: Info, name: Name) -> Any:
    return one(attribute_of_each(info, [root], name))


def values_of_each(_: Info, profiles: Sequence[ProfileDoc], names: list[str]) -> Any:
    return resolve.values_of_each(profiles, names=names)


def attribute_values(root: strawberry.Parent[ProfileDoc], info: Info, names: Names) -> Any:
    return one(values_of_each(info, [root], names))


@strawberry.type(description="Change of one attribute")
class AttributeEdit:
    name: str = strawberry.field(description="Source name of the attribute")
    kind: ChangeKind = strawberry.field(
        description="What became of it: DELETED when it was unset, which is not the same as set to null"
    )
    before: AttributeValue | None = strawberry.field(description="Value before; null without one, or when masked")
    after: AttributeValue | None = strawberry.field(description="Value after; null without one, or when masked")
    masked: bool = strawberry.field(
        description="Indicates whether the values are personal and the credential lacks personal:read"
    )


@strawberry.type(description="Change of attributes")
class AttributeChange(NodeDocument, ChangeEntry):
    title = titled(changes.change_title)
    edits = computed(changes.edits_of, list[AttributeEdit], "Attributes that it changed", "changes")


@strawberry.input(description="Value to set, by its type", one_of=True)
class AttributeNewValue(AttributeValueInput):
    items: list[JSON] | None = strawberry.field(default=UNSET, description=f"{ITEMS}, in their order")

    def plain(self) -> Any:
        return AttributeValueInput.plain(self) if self.items is UNSET else self.items


@strawberry.input(description="Attribute to set")
class AttributeInput:
    name: str = strawberry.field(description="Source name")
    value: AttributeNewValue | None = strawberry.field(
        default=UNSET, description="New value; null sets it to null, which is not the same as profileAttributesUnset"
    )
    definition: AttributeDefinitionInput | None = strawberry.field(
        default=None, description="Definition to create where there is none; needs definitions:write"
    )

    def plain(self) -> GivenAttribute:
        given: GivenAttribute = {"name": self.name}
        if self.value is not UNSET:
            given["value"] = self.value and self.value.plain()
        if self.definition:
            given["definition"] = self.definition.plain(self.name)
        return given


@strawberry.input(description="Attributes to set, all or none")
class ProfileAttributesSetInput:
    attributes: list[AttributeInput] = strawberry.field(description="Attributes, each once")


@strawberry.input(description="Attributes to remove")
class ProfileAttributesUnsetInput:
    names: list[str] = strawberry.field(description="Source names; those that the profile lacks are fine")


@mutation(ProfilePayload, Scope.PROFILES_WRITE, "Set attributes of a profile, all or none")
def profile_attributes_set(
    context: Context, options: Options, id: ProfileId, input: ProfileAttributesSetInput
) -> Answer:
    attributes = [attribute.plain() for attribute in input.attributes]
    return edit.set_attributes(context, options, id, attributes=attributes)


@mutation(ProfilePayload, Scope.PROFILES_WRITE, "Remove attributes of a profile, all or none")
def profile_attributes_unset(
    context: Context, options: Options, id: ProfileId, input: ProfileAttributesUnsetInput
) -> Answer:
    return edit.unset_attributes(context, options, id, names=input.names)
