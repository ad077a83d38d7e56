"""Tags: those of a profile, how they changed, the catalogue, and the mutations of all."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers import tags as resolve
from resolvers.context import Context
from resolvers.mutations import Options
from schema.connections import After, Before, Connection, First, Last, page, total
from schema.documents import Info, computed, reads, together
from schema.entries import ChangeEntry, titled
from schema.mutations import Answer, Payload, ProfileId, ProfilePayload, as_it_is, mutation
from schema.nodes import Node, NodeDocument, public_id
from storage import tags as stored
from storage.credentials import Scope
from storage.sources import ChangeSource


def profile_count(root: strawberry.Parent[stored.TagDoc], info: Info) -> Any:
    return resolve.profile_count_of(info.context, root)


@strawberry.type(description="Tag in the catalogue of the workspace")
class Tag(NodeDocument, Node):
    id: strawberry.ID = public_id(stored.NOUN.prefix)
    name: str = strawberry.field(description="Name, unique in the workspace")
    description: str | None = strawberry.field(description="What the tag is for")
    source: ChangeSource = strawberry.field(description="Who created it")
    version: int = strawberry.field(description="Number of its versions so far, for expectedVersion")
    created_at: datetime = strawberry.field(description="Timestamp of its creation")
    updated_at: datetime = strawberry.field(description="Timestamp of its latest change")
    profile_count = strawberry.field(
        profile_count, graphql_type=int | None, description="Number of profiles that carry it", metadata=reads("name")
    )


@strawberry.type(description="Tag that a profile carries")
class ProfileTag:
    name: str = strawberry.field(description="Name of the tag")
    source: ChangeSource = strawberry.field(description="Who added it")
    added_at: datetime = strawberry.field(description="Timestamp of when it was added")
    removable = computed(resolve.is_removable, bool, "Indicates whether it can be removed by hand", "source")
    tag = together(resolve.tag_of_each, Tag, "Tag of this name in the catalogue", "name")


Name = Annotated[str, strawberry.argument(description="Name of the tag")]


def tag(info: Info, name: Name) -> Any:
    return resolve.find_tag(info.context, name)


def tags(
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    return resolve.list_tags(info.context, page(first, after, last, before))


@strawberry.type(description="Page of a list that can be counted")
class TagConnection(Connection[Tag]):
    total_count = total("Number of tags in the catalogue; null where they are more than 10000")


@strawberry.type(description="Change of tags")
class TagChange(NodeDocument, ChangeEntry):
    title = titled(resolve.change_title)
    added = computed(resolve.added_in, list[str], "Names of the tags that were added", "changes")
    removed = computed(resolve.removed_in, list[str], "Names of the tags that were removed", "changes")


TagId = Annotated[strawberry.ID, strawberry.argument(description="Id of the tag")]


@strawberry.input(description="Tags to add, all or none")
class ProfileTagsAddInput:
    tags: list[str] = strawberry.field(description="Names; those that the profile carries are fine")


@strawberry.input(description="Tags to remove, all or none")
class ProfileTagsRemoveInput:
    tags: list[str] = strawberry.field(description="Names; those that the profile does not carry are fine")


@strawberry.input(description="Tag to put into the catalogue")
class TagCreateInput:
    name: str = strawberry.field(description="Name, unique in the workspace; it can't be changed")
    description: str | None = strawberry.field(default=None, description="What the tag is for")


@strawberry.input(description="Tag of the catalogue to change")
class TagUpdateInput:
    description: str | None = strawberry.field(description="New description; null removes it")


@strawberry.type
class TagPayload(Payload):
    tag: Tag | None = as_it_is("Tag")


@strawberry.type
class DeletedTagPayload(Payload):
    deleted_tag_id: strawberry.ID | None = strawberry.field(description="Id that the tag had; null when refused")


@mutation(ProfilePayload, Scope.PROFILES_WRITE, "Add tags to a profile, all or none")
def profile_tags_add(context: Context, options: Options, id: ProfileId, input: ProfileTagsAddInput) -> Answer:
    return resolve.add_tags(context, options, id, tags=input.tags)


@mutation(ProfilePayload, Scope.PROFILES_WRITE, "Remove tags from a profile, all or none")
def profile_tags_remove(context: Context, options: Options, id: ProfileId, input: ProfileTagsRemoveInput) -> Answer:
    return resolve.remove_tags(context, options, id, tags=input.tags)


@mutation(TagPayload, Scope.DEFINITIONS_WRITE, "Put a tag into the catalogue; needs definitions:write")
def tag_create(context: Context, options: Options, input: TagCreateInput) -> Answer:
    return resolve.create_tag(context, options, name=input.name, description=input.description)


@mutation(TagPayload, Scope.DEFINITIONS_WRITE, "Change the description of a tag; needs definitions:write")
def tag_update(context: Context, options: Options, id: TagId, input: TagUpdateInput) -> Answer:
    return resolve.update_tag(context, options, id, description=input.description)


@mutation(
    DeletedTagPayload,
    Scope.DEFINITIONS_WRITE,
    "Remove a tag that no profile carries from the catalogue; needs definitions:write",
)
def tag_delete(context: Context, options: Options, id: TagId) -> Answer:
    return resolve.delete_tag(context, options, id)
