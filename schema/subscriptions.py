"""Marketing agreements of a profile."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET

from resolvers import subscriptions as resolve
from resolvers.subscriptions import BlockReason, SubscriptionDoc
from schema.connections import After, Before, Connection, First, Last, page
from schema.documents import Info, computed
from storage.agreements import AgreementStatus, Channel
from storage.profiles import ProfileDoc

strawberry.enum(Channel, description="Way to reach a person")
strawberry.enum(AgreementStatus, description="State of a marketing agreement")
strawberry.enum(BlockReason, description="Why nothing may be sent in a channel")


COMPUTED = computed("profile", "channel", "agreement")


@strawberry.type(description="Change of a marketing agreement")
class SubscriptionChange:
    at: datetime = strawberry.field(description="Timestamp of the change")
    was: AgreementStatus | None = strawberry.field(name="from", description="State before; null where none was set")
    became: AgreementStatus | None = strawberry.field(name="to", description="State after; null where none is set")
    actor: str = strawberry.field(description="Credential or part of the gateway that changed it")
    user: str | None = strawberry.field(description="Person for whom the credential acted")
    source: str = strawberry.field(description="Where the change came from")


SubscriptionChangeConnection = Connection[SubscriptionChange]


def status(root: strawberry.Parent[SubscriptionDoc]) -> AgreementStatus:
    return resolve.status_of(root)


def updated_at(root: strawberry.Parent[SubscriptionDoc]) -> datetime | None:
    return resolve.updated_at_of(root)


def can_receive(root: strawberry.Parent[SubscriptionDoc]) -> bool:
    return resolve.can_receive(root)


def blocked_by(root: strawberry.Parent[SubscriptionDoc]) -> list[BlockReason]:
    return resolve.blocked_by(root)


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
    channel: Channel = strawberry.field(description="Way to reach the person")
    status = strawberry.field(
        status, graphql_type=AgreementStatus, description="State of the agreement", metadata=COMPUTED
    )
    can_receive = strawberry.field(
        can_receive,
        graphql_type=bool,
        description="Indicates whether a message may be sent now",
        metadata=COMPUTED,
    )
    blocked_by = strawberry.field(
        blocked_by,
        graphql_type=list[BlockReason],
        description="Every reason why none may be sent",
        metadata=COMPUTED,
    )
    updated_at = strawberry.field(
        updated_at,
        graphql_type=datetime | None,
        description="Timestamp of the latest change of the agreement",
        metadata=COMPUTED,
    )
    history = strawberry.field(
        history, graphql_type=SubscriptionChangeConnection, description="Changes of the agreement, newest first"
    )


def subscriptions(root: strawberry.Parent[ProfileDoc]) -> Any:
    return resolve.subscriptions_of(root)
