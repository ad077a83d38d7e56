"""Mutations of marketing agreements."""

from typing import Annotated, Any

import strawberry

from resolvers import subscription_edits as resolve
from schema.documents import Info
from schema.mutations import Payload, ProfileMutationInput
from schema.profiles import Profile
from storage.profiles import AgreementStatus, Channel


@strawberry.input(description="Agreement to set")
class SubscriptionInput:
    channel: Channel = strawberry.field(description="Way to reach the person")
    status: AgreementStatus = strawberry.field(description="State to set; CONFIRMATION is of EMAIL only")


@strawberry.input(description="Agreements to set, all or none of them")
class SubscriptionSetInput(ProfileMutationInput):
    subscriptions: list[SubscriptionInput] = strawberry.field(description="Agreements, each channel once")


@strawberry.type(description="What came of setting agreements")
class SubscriptionSetPayload(Payload):
    profile: Profile | None = strawberry.field(description="Profile as it is now; null when refused")
    confirmation_url: str | None = strawberry.field(
        description="Link to send to the person where EMAIL waits for confirmation; null otherwise and in a dry run"
    )


SetInput = Annotated[SubscriptionSetInput, strawberry.argument(description="Agreements to set")]


def subscription_set(info: Info, input: SetInput) -> Any:
    return resolve.set_subscriptions(
        info.context,
        input.profile_id,
        input.options("subscriptionSet"),
        wanted=[(wanted.channel, wanted.status) for wanted in input.subscriptions],
    )


@strawberry.type
class SubscriptionMutations:
    subscription_set = strawberry.field(
        subscription_set, graphql_type=SubscriptionSetPayload | None, description="Set marketing agreements"
    )
