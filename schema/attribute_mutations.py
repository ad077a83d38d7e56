"""Mutations of attributes and of their definitions."""

from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from resolvers import attribute_definitions as resolve_definitions
from resolvers import attribute_edits as resolve
from resolvers.attribute_edits import GivenAttribute
from schema.attributes import AttributeDefinition
from schema.documents import Info
from schema.filters import AttributeValueInput
from schema.mutations import MutationInput, Payload, ProfileMutationInput
from schema.profiles import Profile
from storage.attribute_definitions import NewDefinition, Section
from storage.attributes import AttributeType


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
class AttributePayload(Payload):
    profile: Profile | None = strawberry.field(description="Profile as it is now; null when refused")


@strawberry.type(description="What came of creating or changing a definition")
class AttributeDefinitionPayload(Payload):
    attribute_definition: AttributeDefinition | None = strawberry.field(
        description="Definition as it is now; null when refused"
    )


SetInput = Annotated[AttributeSetInput, strawberry.argument(description="Attributes to set")]
UnsetInput = Annotated[AttributeUnsetInput, strawberry.argument(description="Attributes to remove")]
CreateInput = Annotated[AttributeDefinitionCreateInput, strawberry.argument(description="Definition to create")]
UpdateInput = Annotated[AttributeDefinitionUpdateInput, strawberry.argument(description="Definition to change")]


def attribute_set(info: Info, input: SetInput) -> Any:
    attributes = [attribute.plain() for attribute in input.attributes]
    return resolve.set_attributes(info.context, input.profile_id, input.options("attributeSet"), attributes=attributes)


def attribute_unset(info: Info, input: UnsetInput) -> Any:
    return resolve.unset_attributes(info.context, input.profile_id, input.options("attributeUnset"), names=input.names)


def attribute_definition_create(info: Info, input: CreateInput) -> Any:
    return resolve_definitions.create_definition(
        info.context, input.options("attributeDefinitionCreate"), definition=input.plain(input.name)
    )


def attribute_definition_update(info: Info, input: UpdateInput) -> Any:
    return resolve_definitions.update_definition(
        info.context,
        input.options("attributeDefinitionUpdate"),
        definition_id=input.attribute_definition_id,
        fields=input.plain(),
    )


@strawberry.type
class AttributeMutations:
    attribute_set = strawberry.field(
        attribute_set, graphql_type=AttributePayload | None, description="Set attributes of a profile, all or none"
    )
    attribute_unset = strawberry.field(
        attribute_unset, graphql_type=AttributePayload | None, description="Remove attributes of a profile, all or none"
    )
    attribute_definition_create = strawberry.field(
        attribute_definition_create,
        graphql_type=AttributeDefinitionPayload | None,
        description="Define an attribute; needs definitions:write",
    )
    attribute_definition_update = strawberry.field(
        attribute_definition_update,
        graphql_type=AttributeDefinitionPayload | None,
        description="Change the definition of an attribute; needs definitions:write",
    )
