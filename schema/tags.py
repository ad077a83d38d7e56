"""Tags: those of a profile, the catalogue, and the mutations of both."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET

from resolvers import tags as resolve
from resolvers.context import Context
from resolvers.mutations import Options
from schema.connections import After, Before, Connection, First, Last, page
from schema.documents import Info, computed, reads
from schema.mutations import Answer, MutationInput, Payload, ProfileMutationInput, ProfilePayload, as_it_is, mutation
from schema.nodes import Node, NodeDocument, public_id
from storage import tags as stored
from storage.credentials import Scope
from storage.tags import TagSource

strawberry.enum(TagSource, description="Who put a tag there")


@strawberry.type(description="Tag that a profile carries")
class ProfileTag:
    name: str = strawberry.field(description="Name of the tag")
    source: TagSource = strawberry.field(description="Who added it")
    added_at: datetime = strawberry.field(description="Timestamp of when it was added")
    removable = computed(resolve.is_removable, bool, "Indicates whether it can be removed by hand", "source")


def profile_count(root: strawberry.Parent[stored.TagDoc], info: Info) -> Any:
    return resolve.profile_count_of(info.context, root)


@strawberry.type(description="Tag in the catalogue of the workspace")
class Tag(NodeDocument, Node):
    id: strawberry.ID = public_id(stored.NOUN.prefix)
    name: str = strawberry.field(description="Name, unique in the workspace")
    description: str | None = strawberry.field(description="What the tag is for")
    source: TagSource = strawberry.field(description="Who created it")
    created_at: datetime = strawberry.field(description="Timestamp of its creation")
    profile_count = strawberry.field(
        profile_count, graphql_type=int, description="Number of profiles that carry it", metadata=reads("name")
    )


def tags(
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    return resolve.list_tags(info.context, page(first, after, last, before))


TagConnection = Connection[Tag]


@strawberry.input(description="Tags to add, all or none")
class TagAddInput(ProfileMutationInput):
    tags: list[str] = strawberry.field(description="Names; those that the profile carries are fine")


@strawberry.input(description="Tags to remove, all or none")
class TagRemoveInput(ProfileMutationInput):
    tags: list[str] = strawberry.field(description="Names; those that the profile does not carry are fine")


@strawberry.input(description="Tag to put into the catalogue")
class TagCreateInput(MutationInput):
    name: str = strawberry.field(description="Name, unique in the workspace; it can't be changed")
    description: str | None = strawberry.field(default=None, description="What the tag is for")


@strawberry.input(description="Tag of the catalogue to change")
class TagUpdateInput(MutationInput):
    tag_id: strawberry.ID = strawberry.field(description="Id of the tag")
    description: str | None = strawberry.field(description="New description; null removes it")


@strawberry.input(description="Tag to remove from the catalogue")
class TagDeleteInput(MutationInput):
    tag_id: strawberry.ID = strawberry.field(description="Id of the tag")


@strawberry.type(description="What came of adding or removing tags")
class ProfileTagPayload(ProfilePayload):
    pass


@strawberry.type(description="What came of creating or changing a tag")
class TagPayload(Payload):
    tag: Tag | None = as_it_is("Tag")


@strawberry.type(description="What came of deleting a tag")
class TagDeletePayload(Payload):
    deleted_tag_id: strawberry.ID | None = strawberry.field(description="Id that the tag had; null when refused")


@mutation(ProfileTagPayload, Scope.PROFILES_WRITE, "Add tags to a profile, all or none")
def tag_add(context: Context, options: Options, input: TagAddInput) -> Answer:
    return resolve.add_tags(context, options, input.profile_id, tags=input.tags)


@mutation(ProfileTagPayload, Scope.PROFILES_WRITE, "Remove tags from a profile, all or none")
def tag_remove(context: Context, options: Options, input: TagRemoveInput) -> Answer:
    return resolve.remove_tags(context, options, input.profile_id, tags=input.tags)


@mutation(
    TagPayload,
    Scope.DEFINITIONS_WRITE,
    "Put a tag into the catalogue; needs definitions:write",
    argument="Tag to create",
)
def tag_create(context: Context, options: Options, input: TagCreateInput) -> Answer:
    return resolve.create_tag(context, options, name=input.name, description=input.description)


@mutation(
    TagPayload,
    Scope.DEFINITIONS_WRITE,
    "Change the description of a tag; needs definitions:write",
    argument="Tag to change",
)
def tag_update(context: Context, options: Options, input: TagUpdateInput) -> Answer:
    return resolve.update_tag(context, options, tag_id=input.tag_id, description=input.description)


@mutation(
    TagDeletePayload,
    Scope.DEFINITIONS_WRITE,
    "Remove a tag that no profile carries from the catalogue; needs definitions:write",
    argument="Tag to delete",
)
def tag_delete(context: Context, options: Options, input: TagDeleteInput) -> Answer:
    return resolve.delete_tag(context, options, tag_id=input.tag_id)
