"""Mutations that make profiles, and that edit who the person is."""

from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers import profile_edits as resolve
from schema.connections import known
from schema.documents import Info
from schema.mutations import MutationInput, Payload, ProfileMutationInput
from schema.profiles import Profile


@strawberry.input(description="Profile to make; one without email is anonymous")
class ProfileCreateInput(MutationInput):
    first_name: str | None = strawberry.field(default=UNSET, description="First name")
    last_name: str | None = strawberry.field(default=UNSET, description="Last name")
    email: str | None = strawberry.field(default=UNSET, description="Email address")
    phone: str | None = strawberry.field(default=UNSET, description="Phone number; need not be unique")
    custom_id: str | None = strawberry.field(
        default=UNSET, description="Identifier of the person in the workspace's own systems"
    )
    description: str | None = strawberry.field(default=UNSET, description="Description of the profile")
    uuid: str | None = strawberry.field(default=UNSET, description="UUID of the person's browser or app")


@strawberry.input(description="Profile to edit; what is not given stays, and null removes")
class ProfileUpdateInput(ProfileMutationInput):
    first_name: str | None = strawberry.field(default=UNSET, description="New first name")
    last_name: str | None = strawberry.field(default=UNSET, description="New last name")
    email: str | None = strawberry.field(default=UNSET, description="New email address")
    phone: str | None = strawberry.field(default=UNSET, description="New phone number")
    custom_id: str | None = strawberry.field(
        default=UNSET, description="New identifier of the person in the workspace's own systems"
    )
    description: str | None = strawberry.field(default=UNSET, description="New description of the profile")


@strawberry.type(description="What came of making or editing a profile")
class ProfilePayload(Payload):
    profile: Profile | None = strawberry.field(description="Profile as it is now; null when refused")


CreateInput = Annotated[ProfileCreateInput, strawberry.argument(description="Profile to make")]
UpdateInput = Annotated[ProfileUpdateInput, strawberry.argument(description="Profile to edit")]


def given(input: ProfileCreateInput | ProfileUpdateInput) -> dict[str, str | None]:
    """Return the parts of the profile that the input names, null or not."""
    parts = {
        "firstName": input.first_name,
        "lastName": input.last_name,
        "email": input.email,
        "phone": input.phone,
        "customId": input.custom_id,
        "description": input.description,
    }
    return {name: value for name, value in parts.items() if value is not UNSET}


def profile_create(info: Info, input: CreateInput) -> Any:
    options = input.options("profileCreate")
    return resolve.make_profile(info.context, options, given=given(input), uuid=known(input.uuid))


def profile_update(info: Info, input: UpdateInput) -> Any:
    options = input.options("profileUpdate")
    return resolve.update_profile(info.context, input.profile_id, options, given=given(input))


@strawberry.type
class ProfileMutations:
    profile_create = strawberry.field(
        profile_create, graphql_type=ProfilePayload | None, description="Make a profile; its id is new"
    )
    profile_update = strawberry.field(
        profile_update,
        graphql_type=ProfilePayload | None,
        description="Edit names, description, contact and customId of a profile",
    )
