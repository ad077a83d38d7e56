"""Dashboards on profiles: their widgets with data."""

from collections.abc import Sequence
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers import dashboards as resolve
from resolvers.widgets import WidgetErrorCode, widgets_of_each
from schema.connections import or_none
from schema.dashboards import Dashboard
from schema.data_sets import DataSet
from schema.documents import Info, computed, one, through, together
from schema.enums import described
from storage.dashboards import WidgetKind
from storage.profiles import ProfileDoc

described(
    WidgetErrorCode,
    "Why a widget has no data",
    NOT_FOUND="Its aggregate was deleted",
    BAD_USER_INPUT="It can't be computed as it is defined, for example with over 1,000 buckets",
    LIMIT_EXCEEDED="Operation asked for more than 20,000 values of widgets",
)


@strawberry.type(description="What is wrong with a widget")
class WidgetError:
    code: WidgetErrorCode = strawberry.field(description="Kind of the error, for programs")
    message: str = strawberry.field(description="Explanation for people")


@strawberry.type(description="Widget of a dashboard with the data of one profile")
class ProfileWidget:
    title: str = strawberry.field(description="Title for people")
    kind: WidgetKind = strawberry.field(description="What it shows")
    data: DataSet | None = strawberry.field(description="Data; null with an error")
    masked: bool = strawberry.field(
        description="Indicates whether values in the data are null because the credential lacks personal:read"
    )
    error: WidgetError | None = strawberry.field(description="Why it has no data, whatever the other widgets have")


@strawberry.type(description="Dashboard with the data of one profile")
class ProfileDashboard:
    id = computed(
        resolve.shown_id_of, strawberry.ID, "Unique over all types; that of the dashboard is under definition"
    )
    name: str = strawberry.field(description="Name for programs")
    display_name: str = strawberry.field(description="Name for people")
    description: str | None = strawberry.field(description="What it is for")
    version: int = strawberry.field(description="Version of its definition")
    definition = through(Dashboard, "Dashboard as it is defined")
    widgets = together(widgets_of_each, list[ProfileWidget], "Widgets with their data, in their order")


Names = Annotated[list[str] | None, strawberry.argument(description="Names of dashboards, at most 100; all without")]
Hidden = Annotated[
    bool,
    strawberry.argument(
        description="Whether to list those that the profile does not show, too; needs definitions:write"
    ),
]


def dashboards_of_each(
    info: Info, profiles: Sequence[ProfileDoc], names: list[str] | None = UNSET, hidden: bool = False
) -> Any:
    return resolve.shown_on_each(info.context, profiles, names=or_none(names), hidden=hidden)


def dashboards_of(root: strawberry.Parent[ProfileDoc], info: Info, names: Names = UNSET, hidden: Hidden = False) -> Any:
    return one(dashboards_of_each(info, [root], names, hidden))
