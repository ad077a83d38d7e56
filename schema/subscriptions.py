"""Marketing agreements of a profile."""

from datetime import datetime
from typing import Any

import strawberry

from resolvers.subscriptions import BlockReason, subscriptions_of
from storage.agreements import AgreementStatus, Channel
from storage.profiles import ProfileDoc

strawberry.enum(Channel, description="Way to reach a person")
strawberry.enum(AgreementStatus, description="State of a marketing agreement")
strawberry.enum(BlockReason, description="Why nothing may be sent in a channel")


@strawberry.type(description="Marketing agreement of one channel")
class Subscription:
    channel: Channel = strawberry.field(description="Way to reach the person")
    status: AgreementStatus = strawberry.field(description="State of the agreement")
    can_receive: bool = strawberry.field(description="Indicates whether a message may be sent now")
    blocked_by: list[BlockReason] = strawberry.field(description="Every reason why none may be sent")
    updated_at: datetime | None = strawberry.field(description="Timestamp of the latest change of the agreement")


def subscriptions(root: strawberry.Parent[ProfileDoc]) -> Any:
    return subscriptions_of(root)
