"""Statistics of a profile: figures on orders, emails, pushes and dynamic content (R53)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers import statistics as resolve
from resolvers import transactions
from resolvers.statistics_parts import DYNAMIC_CONTENT, EMAIL, MOBILE_PUSH, WEB_PUSH
from schema.aggregates import AggregateWindowInput
from schema.analyses import HISTORY
from schema.connections import or_none
from schema.data_sets import DataSet, DataWindow
from schema.documents import Info, batched, computed, one
from storage.engines.windows import Unit
from storage.profiles import ProfileDoc


def asked(work: Callable[..., Any], type: Any, description: str) -> Any:
    """Return a field that asks the histories of profiles: null where that fails."""

    def ask(root: strawberry.Parent[Any], info: Info) -> Any:
        return work(info.context, root)

    return strawberry.field(ask, graphql_type=type | None, description=description)


def counted(part: str) -> Callable[..., Any]:
    return partial(resolve.counts_of, part=part)


@strawberry.type(description="Amount of one currency")
class Money:
    currency: str | None = strawberry.field(description="Currency as events tell it; null where they tell none")
    amount: float = strawberry.field(description="Amount, exact")


@strawberry.type(description="What was cancelled or returned")
class Refunds:
    count: int = strawberry.field(description="Number of cancels, one of each order")
    amounts: list[Money] | None = strawberry.field(description="Amounts by currency; null when masked")


@strawberry.type(description="Figures on orders; an order is an event that is counted as CHARGED")
class TransactionStatistics:
    count: int = strawberry.field(description="Number of orders")
    revenue: list[Money] | None = strawberry.field(
        description="Charges less cancels, each order cancelled once, by currency; null when masked"
    )
    average_order_value: list[Money] | None = strawberry.field(
        description="Mean charge of the orders that have an amount, by currency; null when masked"
    )
    items: float | None = strawberry.field(description="Number of items; null when masked")
    first_at: datetime | None = strawberry.field(description="Timestamp of the first order; null without any")
    last_at: datetime | None = strawberry.field(description="Timestamp of the last order; null without any")
    days_since_last: int | None = strawberry.field(
        description="Number of whole periods of 24 hours since the last order; null without any"
    )
    median_days_between = asked(
        transactions.median_days_between,
        float,
        "Median number of days of 24 hours from an order to the next; null with fewer than two",
    )
    refunds: Refunds = strawberry.field(description="What was cancelled or returned")
    masked: bool = strawberry.field(
        description="Indicates whether amounts and items are hidden, since the credential lacks personal:read"
    )
    series = asked(
        transactions.transaction_series,
        DataSet,
        "Orders, refunds and items for each bucket, and for each currency revenue and average order value",
    )


@strawberry.type(description="Figures on emails")
class EmailStatistics:
    sent: int = strawberry.field(description="Number that was sent")
    delivered: int = strawberry.field(description="Number that was delivered")
    opened: int = strawberry.field(description="Number of opens")
    unique_opened: int = strawberry.field(description="Number of messages that were opened, by their id")
    clicked: int = strawberry.field(description="Number of clicks")
    unique_clicked: int = strawberry.field(description="Number of messages in which something was clicked, by their id")
    bounced_hard: int = strawberry.field(description="Number that came back for good")
    bounced_soft: int = strawberry.field(description="Number that came back for now")
    unsubscribed: int = strawberry.field(description="Number of times that the person unsubscribed")
    open_rate: float | None = strawberry.field(description="Unique opens over delivered; null without any delivered")
    click_rate: float | None = strawberry.field(description="Unique clicks over delivered; null without any delivered")
    click_to_open_rate: float | None = strawberry.field(
        description="Unique clicks over unique opens; null without any open"
    )
    series = asked(resolve.series_of, DataSet, "Each figure for each bucket")


@strawberry.type(description="Figures on notifications of one channel")
class PushStatistics:
    sent: int = strawberry.field(description="Number that was sent")
    shown: int = strawberry.field(description="Number that was shown")
    clicked: int = strawberry.field(description="Number of clicks")
    subscribed: int = strawberry.field(description="Number of times that notifications were allowed")
    unsubscribed: int = strawberry.field(description="Number of times that they were refused again")
    click_rate: float | None = strawberry.field(description="Clicks over shown; null without any shown")
    series = asked(resolve.series_of, DataSet, "Each figure for each bucket")


@strawberry.type(description="Figures on web pushes")
class WebPushStatistics(PushStatistics): ...


@strawberry.type(description="Figures on mobile pushes")
class MobilePushStatistics(PushStatistics): ...


@strawberry.type(description="Figures on dynamic content")
class DynamicContentStatistics:
    shown: int = strawberry.field(description="Number that was shown")
    clicked: int = strawberry.field(description="Number of clicks")
    closed: int = strawberry.field(description="Number that was closed")
    click_rate: float | None = strawberry.field(description="Clicks over shown; null without any shown")
    series = asked(resolve.series_of, DataSet, "Each figure for each bucket")


@strawberry.type(description="Figures on what happened to a profile within a window; statisticsSettings say of what")
class Statistics:
    window = computed(resolve.window_of, DataWindow, "Window as it was at asOf")
    granularity = computed(resolve.granularity_of, Unit, "Length of the buckets of series")
    as_of = computed(resolve.now_of, datetime, "Timestamp that the window is counted from")
    seq = asked(resolve.seq_of, int, "Number of the latest entry of the profile that is counted")
    transactions = asked(transactions.transactions_of, TransactionStatistics, "Orders")
    email = asked(counted(EMAIL), EmailStatistics, "Emails")
    web_push = asked(counted(WEB_PUSH), WebPushStatistics, "Web pushes")
    mobile_push = asked(counted(MOBILE_PUSH), MobilePushStatistics, "Mobile pushes")
    dynamic_content = asked(counted(DYNAMIC_CONTENT), DynamicContentStatistics, "Dynamic content")


Within = Annotated[
    AggregateWindowInput | None, strawberry.argument(description="Window that events are in; all of time without one")
]
Zone = Annotated[str, strawberry.argument(description="IANA zone that the window and its buckets are counted in")]
Granularity = Annotated[
    Unit | None,
    strawberry.argument(
        description="Length of the buckets of series; without one hours for a window of up to two days, "
        "days for one of up to 62, else months"
    ),
]


def statistics_of_each(
    info: Info,
    profiles: Sequence[ProfileDoc],
    window: AggregateWindowInput | None = None,
    time_zone: str = "UTC",
    granularity: Unit | None = UNSET,
) -> Any:
    return resolve.statistics_of_each(
        info.context,
        profiles,
        window=(window or AggregateWindowInput()).plain(),
        time_zone=time_zone,
        granularity=or_none(granularity),
    )


def of_one(
    root: strawberry.Parent[ProfileDoc],
    info: Info,
    window: Within = None,
    time_zone: Zone = "UTC",
    granularity: Granularity = UNSET,
) -> Any:
    return one(statistics_of_each(info, [root], window, time_zone, granularity))


def statistics_field() -> Any:
    """Return the field of a profile."""
    return strawberry.field(
        of_one,
        graphql_type=Statistics | None,
        description="Figures on orders, emails, pushes and dynamic content within a window",
        metadata=batched(statistics_of_each, *HISTORY),
    )
