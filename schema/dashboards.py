"""Dashboards of the workspace, and their mutations."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from resolvers import dashboards as resolve
from resolvers.context import Context
from resolvers.mutations import Options
from schema.aggregates import AggregateFilter, AggregateInput, AggregateWindow
from schema.conditions import ProfileCondition
from schema.connections import After, Before, Connection, First, Last, only_given, page, total
from schema.documents import Info
from schema.enums import described
from schema.mutations import Answer, Payload, as_it_is, mutation
from schema.nodes import Node, NodeDocument, public_id
from storage import dashboards as stored
from storage.condition_documents import to_document
from storage.credentials import Scope
from storage.dashboards import DashboardPreset, WidgetKind
from storage.engines.aggregates import Function
from storage.engines.windows import Unit

described(
    WidgetKind,
    "What a widget shows",
    FIGURE="One value",
    TIME_SERIES="Value of each hour, day, week, month or year, empty ones too",
    BREAKDOWN="Value for each value of a parameter: the nine greatest, and the rest",
    TABLE="Newest events, with some of their parameters",
    ANALYSIS="Aggregate of the workspace",
)
described(
    DashboardPreset,
    "Dashboard that every workspace begins with",
    OVERVIEW="Purchases, page visits and categories of items",
    CALL_CENTRE="What the person may be calling about",
    TRANSACTION_TRENDS="How the person's orders change",
)


@strawberry.type(description="What a widget computes")
class WidgetQuery:
    function: Function = strawberry.field(description="What is computed")
    actions: list[str] = strawberry.field(description="Types of the events that count, at most 50")
    param: str | None = strawberry.field(description="Parameter whose values are computed with")
    filters: list[AggregateFilter] = strawberry.field(description="Comparisons that events must pass, at most 20")
    window: AggregateWindow = strawberry.field(description="Window that events must be in")
    time_zone: str = strawberry.field(description="IANA zone that the window is counted in")
    limit: int | None = strawberry.field(description="Number of rows of a TABLE; 10 without it")
    quantile: float | None = strawberry.field(description="Share of QUANTILE, from 0 to 1")


@strawberry.type(description="Widget of a dashboard, as it is defined")
class Widget:
    title: str = strawberry.field(description="Title for people")
    kind: WidgetKind = strawberry.field(description="What it shows")
    query: WidgetQuery | None = strawberry.field(description="What it computes; null for ANALYSIS")
    granularity: Unit | None = strawberry.field(description="Length of a bucket of TIME_SERIES")
    by: str | None = strawberry.field(description="Parameter that a BREAKDOWN is by")
    columns: list[str] = strawberry.field(description="Parameters that a TABLE shows, at most 20")
    aggregate: str | None = strawberry.field(description="Name of the aggregate of ANALYSIS")


@strawberry.type(description="Dashboard that a workspace shows on its profiles")
class Dashboard(NodeDocument, Node):
    id: strawberry.ID = public_id(stored.NOUN.prefix)
    name: str = strawberry.field(description="Name for programs, unique in the workspace")
    display_name: str = strawberry.field(description="Name for people")
    description: str | None = strawberry.field(description="What it is for")
    widgets: list[Widget] = strawberry.field(description="Widgets, at most 20")
    show_on_profile: bool = strawberry.field(description="Indicates whether profiles show it")
    condition: JSON | None = strawberry.field(
        description="Condition that profiles meet which show it, in the form of ProfileCondition; null for all profiles"
    )
    preset: DashboardPreset | None = strawberry.field(
        description="Which one of those it is that every workspace begins with; null for any other"
    )
    version: int = strawberry.field(description="Number of its versions so far, for expectedVersion")
    created_at: datetime = strawberry.field(description="Timestamp of its creation")
    updated_at: datetime = strawberry.field(description="Timestamp of its latest change")


def dashboards(
    info: Info, first: First = UNSET, after: After = UNSET, last: Last = UNSET, before: Before = UNSET
) -> Any:
    return resolve.list_dashboards(info.context, page(first, after, last, before))


@strawberry.type(description="Page of a list that can be counted")
class DashboardConnection(Connection[Dashboard]):
    total_count = total("Number of dashboards")


DashboardId = Annotated[strawberry.ID, strawberry.argument(description="Id of the dashboard")]


@strawberry.input(description="What a widget computes")
class WidgetQueryInput(AggregateInput):
    function: Function = strawberry.field(
        default=Function.COUNT,
        description="What is computed: one value, of a BREAKDOWN a number, of a TABLE always COUNT",
    )
    limit: int | None = strawberry.field(default=None, description="Number of rows of a TABLE, at most 50; 10 without")


@strawberry.input(description="Widget of a dashboard; each kind needs what is said to be of it, and takes no other")
class WidgetInput:
    title: str = strawberry.field(description="Title for people")
    kind: WidgetKind = strawberry.field(description="What it shows")
    query: WidgetQueryInput | None = strawberry.field(
        default=None, description="What it computes; of all kinds but ANALYSIS"
    )
    granularity: Unit | None = strawberry.field(default=None, description="Length of a bucket, of TIME_SERIES")
    by: str | None = strawberry.field(default=None, description="Parameter to break down by, of BREAKDOWN")
    columns: list[str] = strawberry.field(
        default_factory=list, description="Parameters to show, of TABLE, from 1 to 20"
    )
    aggregate: str | None = strawberry.field(default=None, description="Name of an aggregate, of ANALYSIS")

    def plain(self) -> stored.WidgetDoc:
        query: Any = self.query and self.query.computed()
        return {
            "title": self.title,
            "kind": self.kind,
            "query": query,
            "granularity": self.granularity,
            "by": self.by,
            "columns": self.columns,
            "aggregate": self.aggregate,
        }


@strawberry.input(description="Dashboard to create")
class DashboardCreateInput:
    name: str = strawberry.field(description="Name for programs, unique in the workspace; it can't be changed")
    display_name: str = strawberry.field(description="Name for people")
    description: str | None = strawberry.field(default=None, description="What it is for")
    widgets: list[WidgetInput] = strawberry.field(description="Widgets, at most 20")
    show_on_profile: bool = strawberry.field(
        default=False, description="Whether profiles show it; at most 20 dashboards of a workspace are shown"
    )
    condition: ProfileCondition | None = strawberry.field(
        default=None, description="Condition that profiles meet which show it; all profiles without one"
    )

    def plain(self) -> stored.NewDashboard:
        return {
            "name": self.name,
            "displayName": self.display_name,
            "description": self.description,
            "widgets": [widget.plain() for widget in self.widgets],
            "showOnProfile": self.show_on_profile,
            "condition": None if self.condition is None else to_document(self.condition.plain()),
        }


@strawberry.input(description="Dashboard to change; what is not given stays")
class DashboardUpdateInput:
    display_name: str | None = strawberry.field(default=UNSET, description="New name for people")
    description: str | None = strawberry.field(default=UNSET, description="New description; null removes it")
    widgets: list[WidgetInput] | None = strawberry.field(default=UNSET, description="New widgets, in place of all")
    show_on_profile: bool | None = strawberry.field(default=UNSET, description="Whether profiles are to show it")
    condition: ProfileCondition | None = strawberry.field(
        default=UNSET, description="New condition; null removes it, so that all profiles show it"
    )

    def plain(self) -> dict[str, Any]:
        return only_given(
            {
                "displayName": self.display_name,
                "description": self.description,
                "widgets": self.widgets and [widget.plain() for widget in self.widgets],
                "showOnProfile": self.show_on_profile,
                "condition": self.condition and to_document(self.condition.plain()),
            }
        )


@strawberry.input(description="What a copy of a dashboard is called")
class DashboardCopyInput:
    name: str = strawberry.field(description="Name for programs, unique in the workspace; it can't be changed")
    display_name: str | None = strawberry.field(
        default=None, description="Name for people; that of the original without it"
    )


@strawberry.type
class DashboardPayload(Payload):
    dashboard: Dashboard | None = as_it_is("Dashboard")


@strawberry.type
class DeletedDashboardPayload(Payload):
    deleted_dashboard_id: strawberry.ID | None = strawberry.field(
        description="Id that the dashboard had; null when refused"
    )


@mutation(DashboardPayload, Scope.DEFINITIONS_WRITE, "Create a dashboard; needs definitions:write")
def dashboard_create(context: Context, options: Options, input: DashboardCreateInput) -> Answer:
    return resolve.create_dashboard(context, options, dashboard=input.plain())


@mutation(DashboardPayload, Scope.DEFINITIONS_WRITE, "Change a dashboard; needs definitions:write")
def dashboard_update(context: Context, options: Options, id: DashboardId, input: DashboardUpdateInput) -> Answer:
    return resolve.update_dashboard(context, options, id, fields=input.plain())


@mutation(
    DashboardPayload,
    Scope.DEFINITIONS_WRITE,
    "Create a dashboard with the widgets of another, not shown on profiles; needs definitions:write",
)
def dashboard_copy(context: Context, options: Options, id: DashboardId, input: DashboardCopyInput) -> Answer:
    return resolve.copy_dashboard(context, options, id, name=input.name, display_name=input.display_name)


@mutation(DeletedDashboardPayload, Scope.DEFINITIONS_WRITE, "Delete a dashboard; needs definitions:write")
def dashboard_delete(context: Context, options: Options, id: DashboardId) -> Answer:
    return resolve.delete_dashboard(context, options, id)
