"""Mutations of tags: those of a profile, and the catalogue."""

from typing import Annotated, Any

import strawberry

from resolvers import tag_edits as resolve
from schema.documents import Info
from schema.mutations import MutationInput, Payload, ProfileMutationInput
from schema.profiles import Profile
from schema.tags import Tag


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
class ProfileTagPayload(Payload):
    profile: Profile | None = strawberry.field(description="Profile as it is now; null when refused")


@strawberry.type(description="What came of creating or changing a tag")
class TagPayload(Payload):
    tag: Tag | None = strawberry.field(description="Tag as it is now; null when refused")


@strawberry.type(description="What came of deleting a tag")
class TagDeletePayload(Payload):
    deleted_tag_id: strawberry.ID | None = strawberry.field(description="Id that the tag had; null when refused")


AddInput = Annotated[TagAddInput, strawberry.argument(description="Tags to add")]
RemoveInput = Annotated[TagRemoveInput, strawberry.argument(description="Tags to remove")]
CreateInput = Annotated[TagCreateInput, strawberry.argument(description="Tag to create")]
UpdateInput = Annotated[TagUpdateInput, strawberry.argument(description="Tag to change")]
DeleteInput = Annotated[TagDeleteInput, strawberry.argument(description="Tag to delete")]


def tag_add(info: Info, input: AddInput) -> Any:
    return resolve.add_tags(info.context, input.profile_id, input.options("tagAdd"), tags=input.tags)


def tag_remove(info: Info, input: RemoveInput) -> Any:
    return resolve.remove_tags(info.context, input.profile_id, input.options("tagRemove"), tags=input.tags)


def tag_create(info: Info, input: CreateInput) -> Any:
    return resolve.create_tag(info.context, input.options("tagCreate"), name=input.name, description=input.description)


def tag_update(info: Info, input: UpdateInput) -> Any:
    return resolve.update_tag(
        info.context, input.options("tagUpdate"), tag_id=input.tag_id, description=input.description
    )


def tag_delete(info: Info, input: DeleteInput) -> Any:
    return resolve.delete_tag(info.context, input.options("tagDelete"), tag_id=input.tag_id)


@strawberry.type
class TagMutations:
    tag_add = strawberry.field(
        tag_add, graphql_type=ProfileTagPayload | None, description="Add tags to a profile, all or none"
    )
    tag_remove = strawberry.field(
        tag_remove, graphql_type=ProfileTagPayload | None, description="Remove tags from a profile, all or none"
    )
    tag_create = strawberry.field(
        tag_create,
        graphql_type=TagPayload | None,
        description="Put a tag into the catalogue; needs definitions:write",
    )
    tag_update = strawberry.field(
        tag_update,
        graphql_type=TagPayload | None,
        description="Change the description of a tag; needs definitions:write",
    )
    tag_delete = strawberry.field(
        tag_delete,
        graphql_type=TagDeletePayload | None,
        description="Remove a tag that no profile carries from the catalogue; needs definitions:write",
    )
