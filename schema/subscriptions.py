"""Marketing agreements of a profile, and the mutation that sets them."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET

from resolvers import subscriptions as resolve
from resolvers.context import Context
from resolvers.mutations import Options
from resolvers.subscriptions import BlockReason, SubscriptionDoc
from schema.connections import After, Before, Connection, First, Last, page
from schema.documents import VALUES, Info, computed, reads
from schema.mutations import Answer, ProfileMutationInput, ProfilePayload, mutation
from storage.credentials import Scope
from storage.profiles import AgreementStatus, Channel

strawberry.enum(Channel, description="Way to reach a person")
strawberry.enum(AgreementStatus, description="State of a marketing agreement")
strawberry.enum(BlockReason, description="Why nothing may be sent in a channel")


@strawberry.type(description="Change of a marketing agreement")
class SubscriptionChange:
    at: datetime = strawberry.field(description="Timestamp of the change")
    was: AgreementStatus | None = strawberry.field(name="from", description="State before; null where none was set")
    became: AgreementStatus | None = strawberry.field(name="to", description="State after; null where none is set")
    actor: str = strawberry.field(description="Credential or part of the gateway that changed it")
    user: str | None = strawberry.field(description="Person for whom the credential acted")
    source: str = strawberry.field(description="Where the change came from")


SubscriptionChangeConnection = Connection[SubscriptionChange]


def history(
    root: strawberry.Parent[SubscriptionDoc],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    return resolve.history_of(info.context, root, page(first, after, last, before))


@strawberry.type(name="ChannelSubscription", description="Marketing agreement of one channel")
class Subscription:
    channel = computed(resolve.channel_of, Channel, "Way to reach the person")
    status = computed(resolve.status_of, AgreementStatus, "State of the agreement", *VALUES)
    can_receive = computed(
        resolve.can_receive, bool, "Indicates whether a message may be sent now", *VALUES, "identities"
    )
    blocked_by = computed(
        resolve.blocked_by, list[BlockReason], "Every reason why none may be sent", *VALUES, "identities"
    )
    updated_at = computed(
        resolve.updated_at_of,
        datetime | None,
        "Timestamp of the latest change of the agreement",
        "attributes.name",
        "attributes.updatedAt",
    )
    history = strawberry.field(
        history,
        graphql_type=SubscriptionChangeConnection,
        description="Changes of the agreement, newest first",
        metadata=reads(),
    )


@strawberry.input(description="Agreement to set")
class SubscriptionInput:
    channel: Channel = strawberry.field(description="Way to reach the person")
    status: AgreementStatus = strawberry.field(description="State to set; CONFIRMATION is of EMAIL only")


@strawberry.input(description="Agreements to set, all or none of them")
class SubscriptionSetInput(ProfileMutationInput):
    subscriptions: list[SubscriptionInput] = strawberry.field(description="Agreements, each channel once")


@strawberry.type(description="What came of setting agreements")
class SubscriptionSetPayload(ProfilePayload):
    confirmation_url: str | None = strawberry.field(
        description="Link to send to the person where EMAIL waits for confirmation; null otherwise and in a dry run"
    )


@mutation(SubscriptionSetPayload, Scope.PROFILES_WRITE, "Set marketing agreements")
def subscription_set(context: Context, options: Options, input: SubscriptionSetInput) -> Answer:
    return resolve.set_subscriptions(
        context, options, input.profile_id, agreements=[(each.channel, each.status) for each in input.subscriptions]
    )
