"""Definitions of attributes, and their mutations."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers import attribute_definitions as resolve
from resolvers.context import Context
from resolvers.mutations import Options
from schema.connections import After, Before, Connection, First, Last, only_given, or_none, page, total
from schema.documents import Info
from schema.enums import described
from schema.mutations import Answer, Payload, as_it_is, mutation
from schema.nodes import Node, NodeDocument, public_id
from storage import attribute_definitions as stored
from storage.attribute_definitions import NewDefinition, Section
from storage.attributes import AttributeType
from storage.credentials import Scope

described(
    Section,
    "Part of the profile card that an attribute belongs to",
    PERSONAL="Who the person is",
    CONTACT="How to reach the person",
    GEO="Where the person is",
    OTHER="Everything else",
)
described(
    AttributeType,
    "Type of an attribute's values",
    STRING="Text of at most 1,000 characters",
    DATE="Date or moment",
    NUMBER="Number",
    BOOLEAN="True or false",
    ARRAY="List of texts, numbers and truth values, at most 200",
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
    version: int = strawberry.field(description="Number of its versions so far, for expectedVersion")
    created_at: datetime = strawberry.field(description="Timestamp of its creation")
    updated_at: datetime = strawberry.field(description="Timestamp of its latest change")


SectionFilter = Annotated[Section | None, strawberry.argument(description="Only those of this section")]


@strawberry.input(description="Which definitions to list")
class AttributeDefinitionFilter:
    section: Section | None = strawberry.field(default=None, description="Only those of this section")


Filter = Annotated[
    AttributeDefinitionFilter | None, strawberry.argument(description="Which definitions to list; all without one")
]
Name = Annotated[str, strawberry.argument(description="Source name of the attribute")]


def attribute_definition(info: Info, name: Name) -> Any:
    return resolve.find_definition(info.context, name)


def attribute_definitions(
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
    filter: Filter = UNSET,
) -> Any:
    given = or_none(filter) or AttributeDefinitionFilter()
    return resolve.list_definitions(info.context, page(first, after, last, before), section=given.section)


@strawberry.type(description="Page of a list that can be counted")
class AttributeDefinitionConnection(Connection[AttributeDefinition]):
    total_count = total("Number of definitions, of the section if one was given; null where they are more than 10000")


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


@strawberry.input(description="Definition to create")
class AttributeDefinitionCreateInput(AttributeDefinitionInput):
    name: str = strawberry.field(description="Source name, unique in the workspace; it can't be changed")


@strawberry.input(description="Definition to change; what is not given stays")
class AttributeDefinitionUpdateInput:
    display_name: str | None = strawberry.field(default=UNSET, description="New name for people")
    description: str | None = strawberry.field(default=UNSET, description="New description; null removes it")
    type: AttributeType | None = strawberry.field(
        default=UNSET, description="New type, as long as no profile has the attribute"
    )
    section: Section | None = strawberry.field(default=UNSET, description="New section")
    personal: bool | None = strawberry.field(
        default=UNSET, description="Whether values are to be shown only with personal:read"
    )

    def plain(self) -> dict[str, Any]:
        return only_given(
            {
                "displayName": self.display_name,
                "description": self.description,
                "type": self.type,
                "section": self.section,
                "personal": self.personal,
            }
        )


@strawberry.type
class AttributeDefinitionPayload(Payload):
    attribute_definition: AttributeDefinition | None = as_it_is("Definition")


@strawberry.type
class DeletedAttributeDefinitionPayload(Payload):
    deleted_attribute_definition_id: strawberry.ID | None = strawberry.field(
        description="Id that the definition had; null when refused"
    )


DefinitionId = Annotated[strawberry.ID, strawberry.argument(description="Id of the definition")]


@mutation(AttributeDefinitionPayload, Scope.DEFINITIONS_WRITE, "Define an attribute; needs definitions:write")
def attribute_definition_create(context: Context, options: Options, input: AttributeDefinitionCreateInput) -> Answer:
    return resolve.create_definition(context, options, definition=input.plain(input.name))


@mutation(
    AttributeDefinitionPayload,
    Scope.DEFINITIONS_WRITE,
    "Change the definition of an attribute; needs definitions:write",
)
def attribute_definition_update(
    context: Context, options: Options, id: DefinitionId, input: AttributeDefinitionUpdateInput
) -> Answer:
    return resolve.update_definition(context, options, id, fields=input.plain())


@mutation(
    DeletedAttributeDefinitionPayload,
    Scope.DEFINITIONS_WRITE,
    "Delete the definition of an attribute that no profile has; needs definitions:write",
)
def attribute_definition_delete(context: Context, options: Options, id: DefinitionId) -> Answer:
    return resolve.delete_definition(context, options, id)
