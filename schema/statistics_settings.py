"""Settings of statistics, and their mutation."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET

from resolvers import statistics_settings as resolve
from resolvers.context import Context
from resolvers.mutations import Options
from schema.aggregates import AggregateFilter, AggregateFilterInput
from schema.connections import only_given
from schema.documents import Info
from schema.enums import described
from schema.mutations import Answer, Payload, as_it_is, mutation
from storage.credentials import Scope
from storage.statistics_settings import StatisticsFigure, Weekday

described(Weekday, "Day of the week", **{day.name: day.name.capitalize() for day in Weekday})
described(
    StatisticsFigure,
    "What events are counted as",
    CHARGED="Order that was paid",
    CANCELLED="Order that was cancelled, or of which something was returned",
    EMAIL_SENT="Email that was sent",
    EMAIL_DELIVERED="Email that was delivered",
    EMAIL_OPENED="Email that was opened",
    EMAIL_CLICKED="Link in an email that was clicked",
    EMAIL_BOUNCED_HARD="Email to an address that is gone",
    EMAIL_BOUNCED_SOFT="Email that could not be delivered for now",
    EMAIL_UNSUBSCRIBED="Emails that are not wanted any more",
    WEB_PUSH_SENT="Web push that was sent",
    WEB_PUSH_SHOWN="Web push that was shown",
    WEB_PUSH_CLICKED="Web push that was clicked",
    WEB_PUSH_SUBSCRIBED="Browser that allowed notifications",
    WEB_PUSH_UNSUBSCRIBED="Browser that does not allow them any more",
    MOBILE_PUSH_SENT="Mobile push that was sent",
    MOBILE_PUSH_SHOWN="Mobile push that was shown",
    MOBILE_PUSH_CLICKED="Mobile push that was clicked",
    MOBILE_PUSH_SUBSCRIBED="App that allowed notifications",
    MOBILE_PUSH_UNSUBSCRIBED="App that does not allow them any more",
    DYNAMIC_CONTENT_SHOWN="Dynamic content that was shown",
    DYNAMIC_CONTENT_CLICKED="Dynamic content that was clicked",
    DYNAMIC_CONTENT_CLOSED="Dynamic content that was closed",
)


@strawberry.type(description="Events that a figure of statistics counts")
class FigureEvents:
    figure: StatisticsFigure = strawberry.field(description="What they are counted as")
    actions: list[str] = strawberry.field(description="Types of the events, at most 50")
    filters: list[AggregateFilter] = strawberry.field(description="Comparisons that they must pass, at most 20")


@strawberry.type(description="Names of the parameters that statistics read")
class StatisticsParams:
    amount: str = strawberry.field(description="Amount of an order or a refund")
    currency: str = strawberry.field(description="Currency of the amount")
    items: str = strawberry.field(description="Number of items of an order")
    order: str = strawberry.field(description="Id of the order; each is cancelled once")
    message: str = strawberry.field(description="Id of the message; unique opens and clicks are by it")


@strawberry.type(description="What statistics count, and when weeks begin")
class StatisticsSettings:
    week_start: Weekday = strawberry.field(description="First day of the week, in windows and series of all analyses")
    params: StatisticsParams = strawberry.field(description="Names of the parameters that are read")
    figures: list[FigureEvents] = strawberry.field(description="Events of each figure")
    version: int = strawberry.field(description="Number of its changes so far, for expectedVersion")
    updated_at: datetime | None = strawberry.field(description="Timestamp of the latest change; null without any")


def statistics_settings(info: Info) -> Any:
    return resolve.settings_of(info.context)


@strawberry.input(description="Events that a figure is to count")
class FigureEventsInput:
    figure: StatisticsFigure = strawberry.field(description="What they are counted as")
    actions: list[str] = strawberry.field(description="Types of the events, 1 to 50")
    filters: list[AggregateFilterInput] = strawberry.field(
        default_factory=list, description="Comparisons that they must pass, at most 20"
    )

    def plain(self) -> dict[str, Any]:
        filters = [each.plain() for each in self.filters]
        return {"figure": self.figure, "actions": self.actions, "filters": filters}


@strawberry.input(description="Names of parameters; what is not given stays")
class StatisticsParamsInput:
    amount: str | None = strawberry.field(default=UNSET, description="Amount of an order or a refund")
    currency: str | None = strawberry.field(default=UNSET, description="Currency of the amount")
    items: str | None = strawberry.field(default=UNSET, description="Number of items of an order")
    order: str | None = strawberry.field(default=UNSET, description="Id of the order")
    message: str | None = strawberry.field(default=UNSET, description="Id of the message")

    def plain(self) -> dict[str, Any]:
        return only_given(
            {
                "amount": self.amount,
                "currency": self.currency,
                "items": self.items,
                "order": self.order,
                "message": self.message,
            }
        )


@strawberry.input(description="Settings to change; what is not given stays")
class StatisticsSettingsUpdateInput:
    week_start: Weekday | None = strawberry.field(default=UNSET, description="New first day of the week")
    params: StatisticsParamsInput | None = strawberry.field(default=UNSET, description="New names of parameters")
    figures: list[FigureEventsInput] | None = strawberry.field(
        default=UNSET, description="New events of figures, at most one each; others keep theirs"
    )

    def plain(self) -> dict[str, Any]:
        return only_given(
            {
                "weekStart": self.week_start,
                "params": self.params and self.params.plain(),
                "figures": self.figures and [each.plain() for each in self.figures],
            }
        )


@strawberry.type
class StatisticsSettingsPayload(Payload):
    statistics_settings: StatisticsSettings | None = as_it_is("Settings")


@mutation(StatisticsSettingsPayload, Scope.DEFINITIONS_WRITE, "Set what statistics count; needs definitions:write")
def statistics_settings_update(context: Context, options: Options, input: StatisticsSettingsUpdateInput) -> Answer:
    return resolve.update_settings(context, options, fields=input.plain())
