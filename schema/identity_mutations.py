"""Mutations of what a profile is found by: identifiers, and the devices that pushes go to."""

from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers import devices, identifier_edits
from resolvers.devices import DevicePlatform
from resolvers.identifier_edits import EditableIdentifier
from schema.connections import known
from schema.documents import Info
from schema.mutations import ProfileMutationInput
from schema.profile_mutations import ProfilePayload

strawberry.enum(EditableIdentifier, description="Identifier that can be edited")
strawberry.enum(DevicePlatform, description="Platform of a device that pushes go to")


@strawberry.input(description="Identifier to set")
class IdentifierSetInput(ProfileMutationInput):
    kind: EditableIdentifier = strawberry.field(description="Which identifier")
    value: str = strawberry.field(
        description="New value; emails are kept in lower case, phones in E.164, for example +4740000000"
    )


@strawberry.input(description="Identifier to remove")
class IdentifierUnsetInput(ProfileMutationInput):
    kind: EditableIdentifier = strawberry.field(description="Which identifier")


@strawberry.input(description="Device to register for pushes")
class DeviceRegisterInput(ProfileMutationInput):
    firebase_id: str = strawberry.field(description="Firebase registration id")
    platform: DevicePlatform = strawberry.field(description="Platform")
    uuid: str | None = strawberry.field(default=UNSET, description="UUID of the browser or app on the device")


@strawberry.input(description="Device to unregister")
class DeviceUnregisterInput(ProfileMutationInput):
    firebase_id: str = strawberry.field(description="Firebase registration id")


SetInput = Annotated[IdentifierSetInput, strawberry.argument(description="Identifier to set")]
UnsetInput = Annotated[IdentifierUnsetInput, strawberry.argument(description="Identifier to remove")]
RegisterInput = Annotated[DeviceRegisterInput, strawberry.argument(description="Device to register")]
UnregisterInput = Annotated[DeviceUnregisterInput, strawberry.argument(description="Device to unregister")]


def identifier_set(info: Info, input: SetInput) -> Any:
    options = input.options("identifierSet")
    return identifier_edits.set_identifier(info.context, input.profile_id, options, kind=input.kind, value=input.value)


def identifier_unset(info: Info, input: UnsetInput) -> Any:
    options = input.options("identifierUnset")
    return identifier_edits.unset_identifier(info.context, input.profile_id, options, kind=input.kind)


def device_register(info: Info, input: RegisterInput) -> Any:
    return devices.register_device(
        info.context,
        input.profile_id,
        input.options("deviceRegister"),
        firebase_id=input.firebase_id,
        platform=input.platform,
        uuid=known(input.uuid),
    )


def device_unregister(info: Info, input: UnregisterInput) -> Any:
    options = input.options("deviceUnregister")
    return devices.unregister_device(info.context, input.profile_id, options, firebase_id=input.firebase_id)


@strawberry.type
class IdentityMutations:
    identifier_set = strawberry.field(
        identifier_set,
        graphql_type=ProfilePayload | None,
        description="Set email, phone or customId of a profile",
    )
    identifier_unset = strawberry.field(
        identifier_unset,
        graphql_type=ProfilePayload | None,
        description="Remove email, phone or customId of a profile",
    )
    device_register = strawberry.field(
        device_register, graphql_type=ProfilePayload | None, description="Register a device of the person for pushes"
    )
    device_unregister = strawberry.field(
        device_unregister, graphql_type=ProfilePayload | None, description="Unregister a device of the person"
    )
