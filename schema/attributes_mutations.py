"""Mutations of attributes and of their definitions."""

from typing import Any

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from resolvers import attributes_edits as resolve
from resolvers.attributes_edits import GivenAttribute
from resolvers.context import Context
from resolvers.mutations import Options
from schema.attributes import AttributeDefinition
from schema.filters import AttributeValueInput
from schema.mutations import Answer, MutationInput, Payload, ProfileMutationInput, ProfilePayload, as_it_is, mutation
from storage.attributes import AttributeType, NewDefinition, Section
from storage.credentials import Scope


@strawberry.input(description="Value to set, by its type", one_of=True)
class AttributeNewValue(AttributeValueInput):
    items: list[JSON] | None = strawberry.field(
        default=UNSET, description="Texts, numbers and truth values, in their order"
    )

    def plain(self) -> Any:
        return AttributeValueInput.plain(self) if self.items is UNSET else self.items


@strawberry.input(description="What a new attribute means")
class AttributeDefinitionInput:
    display_name: str = strawberry.field(description="Name for people")
    description: str | None = strawberry.field(default=None, description="What it is for")
    type: AttributeType = strawberry.field(description="Type of its values")
    section: Section = strawberry.field(
        default=Section.OTHER, description="Part of the profile card that it belongs to"
    )
    personal: bool | None = strawberry.field(
        default=None,
        description="Whether values are shown only with personal:read; if not said, in every section but OTHER",
    )

    def plain(self, name: str) -> NewDefinition:
        return {
            "name": name,
            "displayName": self.display_name,
            "description": self.description,
            "type": self.type,
            "section": self.section,
            "personal": self.section is not Section.OTHER if self.personal is None else self.personal,
        }


@strawberry.input(description="Attribute to set")
class AttributeInput:
    name: str = strawberry.field(description="Source name")
    value: AttributeNewValue | None = strawberry.field(
        default=UNSET, description="New value; null sets it to null, which is not the same as attributeUnset"
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
class AttributeSetInput(ProfileMutationInput):
    attributes: list[AttributeInput] = strawberry.field(description="Attributes, each once")


@strawberry.input(description="Attributes to remove")
class AttributeUnsetInput(ProfileMutationInput):
    names: list[str] = strawberry.field(description="Source names; those that the profile lacks are fine")


@strawberry.input(description="Definition to create")
class AttributeDefinitionCreateInput(AttributeDefinitionInput, MutationInput):
    name: str = strawberry.field(description="Source name, unique in the workspace; it can't be changed")


@strawberry.input(description="Definition to change; what is not given stays")
class AttributeDefinitionUpdateInput(MutationInput):
    attribute_definition_id: strawberry.ID = strawberry.field(description="Id of the definition")
    display_name: str | None = strawberry.field(default=None, description="New name for people")
    description: str | None = strawberry.field(default=UNSET, description="New description; null removes it")
    type: AttributeType | None = strawberry.field(
        default=None, description="New type, as long as no profile has the attribute"
    )
    section: Section | None = strawberry.field(default=None, description="New section")
    personal: bool | None = strawberry.field(
        default=None, description="Whether values are to be shown only with personal:read"
    )

    def plain(self) -> NewDefinition:
        given: NewDefinition = {}
        if self.display_name is not None:
            given["displayName"] = self.display_name
        if self.description is not UNSET:
            given["description"] = self.description
        if self.type is not None:
            given["type"] = self.type
        if self.section is not None:
            given["section"] = self.section
        if self.personal is not None:
            given["personal"] = self.personal
        return given


@strawberry.type(description="What came of setting or removing attributes")
class AttributePayload(ProfilePayload):
    pass


@strawberry.type(description="What came of creating or changing a definition")
class AttributeDefinitionPayload(Payload):
    attribute_definition: AttributeDefinition | None = as_it_is("Definition")


@mutation(AttributePayload, Scope.PROFILES_WRITE, "Set attributes of a profile, all or none")
def attribute_set(context: Context, options: Options, input: AttributeSetInput) -> Answer:
    attributes = [attribute.plain() for attribute in input.attributes]
    return resolve.set_attributes(context, options, input.profile_id, attributes=attributes)


@mutation(AttributePayload, Scope.PROFILES_WRITE, "Remove attributes of a profile, all or none")
def attribute_unset(context: Context, options: Options, input: AttributeUnsetInput) -> Answer:
    return resolve.unset_attributes(context, options, input.profile_id, names=input.names)


@mutation(AttributeDefinitionPayload, Scope.DEFINITIONS_WRITE, "Define an attribute; needs definitions:write")
def attribute_definition_create(context: Context, options: Options, input: AttributeDefinitionCreateInput) -> Answer:
    return resolve.create_definition(context, options, definition=input.plain(input.name))


@mutation(
    AttributeDefinitionPayload,
    Scope.DEFINITIONS_WRITE,
    "Change the definition of an attribute; needs definitions:write",
)
def attribute_definition_update(context: Context, options: Options, input: AttributeDefinitionUpdateInput) -> Answer:
    return resolve.update_definition(
        context, options, definition_id=input.attribute_definition_id, fields=input.plain()
    )
