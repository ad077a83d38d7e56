"""Definitions of aggregates, and their mutations."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from resolvers import aggregates as resolve
from resolvers.context import Context
from resolvers.mutations import Options
from schema.attributes import AttributeNewValue
from schema.connections import After, Before, Connection, First, Last, only_given, page, total
from schema.documents import Info
from schema.enums import described
from schema.mutations import Answer, Payload, as_it_is, mutation
from schema.nodes import Node, NodeDocument, public_id
from storage import aggregates as stored
from storage.credentials import Scope
from storage.engines.aggregates import Function
from storage.engines.filters import ParamComparison
from storage.engines.windows import Unit, WindowKind
from storage.store.ids import whole_milliseconds

described(
    Function,
    "What is computed of the values of a parameter",
    name="AggregateFunction",
    EXISTS="Whether there is any event",
    COUNT="Number of events",
    FIRST_AT="Time of the first event",
    LAST_AT="Time of the last event",
    SUM="Exact sum of numbers",
    AVG="Mean of numbers",
    MIN="Least number",
    MAX="Greatest number",
    FIRST="Value of the first event that has one",
    LAST="Value of the last event that has one",
    FIRST_N="Values of the first events that have one, as many as the limit",
    LAST_N="Values of the last events that have one, newest first, as many as the limit",
    DISTINCT_COUNT="Number of different values",
    DISTINCT_LIST="Different values, in the order in which they occurred first",
    TOP_N="Values that occur most often with their counts; of equal ones the first to occur",
    QUANTILE="Number at a share of all numbers, by nearest rank",
    MEDIAN="Number in the middle, by nearest rank",
)
described(
    ParamComparison,
    "How a parameter of an event is compared",
    EQ="Equal, or a list with an item that is",
    NE="Not equal, also where it is missing",
    LT="Less",
    LTE="Less or equal",
    GT="Greater",
    GTE="Greater or equal",
    EXISTS="It is there, and not null; takes no value",
    NOT_EXISTS="It is missing or null; takes no value",
    CONTAINS="Text with this part, or list with this item",
    IN="Equal to one of the items of the value",
)
described(
    WindowKind,
    "Which events count, by their time",
    LIFETIME="All of them",
    LAST="Those of the last units: up to now, or with calendar of the complete units before the running one",
    TODAY="From midnight on, up to now",
    YESTERDAY="Those of the day before today",
    THIS="From the beginning of the running unit on, up to now",
    PREVIOUS="Those of the unit before the running one",
    BETWEEN="Those between two timestamps",
)
described(
    Unit,
    "Unit of time; hours are durations, longer ones are counted by the clock of a zone",
    name="TimeUnit",
    HOURS="Hours",
    DAYS="Days",
    WEEKS="Weeks, which begin on the weekStart of statisticsSettings",
    MONTHS="Months",
    YEARS="Years",
)


@strawberry.type(description="Comparison of one parameter of an event")
class AggregateFilter:
    param: str = strawberry.field(description="Name of the parameter")
    comparison: ParamComparison = strawberry.field(description="How it is compared")
    value: JSON | None = strawberry.field(
        description="What it is compared with: a text, a number, a truth value, or a list of these"
    )


@strawberry.type(description="Window of time")
class AggregateWindow:
    kind: WindowKind = strawberry.field(description="Which events count")
    unit: Unit | None = strawberry.field(description="Unit of LAST, THIS and PREVIOUS")
    count: int | None = strawberry.field(description="Number of units of LAST")
    since: datetime | None = strawberry.field(name="from", description="First timestamp of BETWEEN")
    until: datetime | None = strawberry.field(name="to", description="First timestamp after BETWEEN")
    calendar: bool = strawberry.field(description="Indicates whether LAST has complete units only")


@strawberry.type(description="Definition of a figure of a profile's events")
class AggregateDefinition(NodeDocument, Node):
    id: strawberry.ID = public_id(stored.NOUN.prefix)
    name: str = strawberry.field(description="Name for programs, unique in the workspace")
    display_name: str = strawberry.field(description="Name for people")
    description: str | None = strawberry.field(description="What it tells")
    function: Function = strawberry.field(description="What is computed")
    actions: list[str] = strawberry.field(description="Types of the events that count, at most 50")
    param: str | None = strawberry.field(description="Parameter whose values are computed with")
    filters: list[AggregateFilter] = strawberry.field(description="Comparisons that events must pass, at most 20")
    window: AggregateWindow = strawberry.field(description="Window that events must be in")
    time_zone: str = strawberry.field(description="IANA zone that the window is counted in")
    limit: int | None = strawberry.field(description="Number of values of FIRST_N, LAST_N, TOP_N and DISTINCT_LIST")
    quantile: float | None = strawberry.field(description="Share of QUANTILE, from 0 to 1")
    show_on_profile: bool = strawberry.field(description="Indicates whether profiles list it to everybody")
    version: int = strawberry.field(description="Number of its versions so far, for expectedVersion")
    created_at: datetime = strawberry.field(description="Timestamp of its creation")
    updated_at: datetime = strawberry.field(description="Timestamp of its latest change")


def aggregates(
    info: Info, first: First = UNSET, after: After = UNSET, last: Last = UNSET, before: Before = UNSET
) -> Any:
    return resolve.list_definitions(info.context, page(first, after, last, before))


@strawberry.type(description="Page of a list that can be counted")
class AggregateDefinitionConnection(Connection[AggregateDefinition]):
    total_count = total("Number of definitions")


DefinitionId = Annotated[strawberry.ID, strawberry.argument(description="Id of the definition")]


@strawberry.input(description="Comparison of one parameter")
class AggregateFilterInput:
    param: str = strawberry.field(description="Name of the parameter")
    comparison: ParamComparison = strawberry.field(default=ParamComparison.EQ, description="How it is compared")
    value: AttributeNewValue | None = strawberry.field(
        default=None, description="What it is compared with; none for EXISTS and NOT_EXISTS, items for IN"
    )

    def plain(self) -> Any:
        value = self.value.plain() if self.value else None
        if isinstance(value, datetime):
            value = whole_milliseconds(value)
        return {"param": self.param, "comparison": self.comparison, "value": value}


@strawberry.input(description="Window of time")
class AggregateWindowInput:
    kind: WindowKind = strawberry.field(default=WindowKind.LIFETIME, description="Which events count")
    unit: Unit | None = strawberry.field(default=None, description="Unit of LAST, THIS and PREVIOUS")
    count: int | None = strawberry.field(default=None, description="Number of units of LAST")
    since: datetime | None = strawberry.field(name="from", default=None, description="First timestamp of BETWEEN")
    until: datetime | None = strawberry.field(name="to", default=None, description="First timestamp after BETWEEN")
    calendar: bool = strawberry.field(default=False, description="Whether LAST has complete units only")

    def plain(self) -> stored.WindowDoc:
        return {
            "kind": self.kind,
            "unit": self.unit,
            "count": self.count,
            "since": self.since and whole_milliseconds(self.since),
            "until": self.until and whole_milliseconds(self.until),
            "calendar": self.calendar,
        }


@strawberry.input(description="Aggregate to compute")
class AggregateInput:
    function: Function = strawberry.field(description="What is computed")
    actions: list[str] = strawberry.field(description="Types of the events that count, at most 50")
    param: str | None = strawberry.field(
        default=None, description="Parameter; none for EXISTS, COUNT, FIRST_AT and LAST_AT"
    )
    filters: list[AggregateFilterInput] = strawberry.field(
        default_factory=list, description="Comparisons that events must pass, at most 20"
    )
    window: AggregateWindowInput = strawberry.field(
        default_factory=AggregateWindowInput, description="Window that events must be in; all of time without one"
    )
    time_zone: str = strawberry.field(default="UTC", description="IANA zone that the window is counted in")
    limit: int | None = strawberry.field(
        default=None, description="Number of values of FIRST_N, LAST_N, TOP_N and DISTINCT_LIST, at most 1,000"
    )
    quantile: float | None = strawberry.field(default=None, description="Share of QUANTILE, from 0 to 1")

    def computed(self) -> dict[str, Any]:
        return {
            "function": self.function,
            "actions": self.actions,
            "param": self.param,
            "filters": [each.plain() for each in self.filters],
            "window": self.window.plain(),
            "timeZone": self.time_zone,
            "limit": self.limit,
            "quantile": self.quantile,
        }


@strawberry.input(description="Aggregate to define")
class AggregateCreateInput(AggregateInput):
    name: str = strawberry.field(description="Name for programs, unique in the workspace; it can't be changed")
    display_name: str = strawberry.field(description="Name for people")
    description: str | None = strawberry.field(default=None, description="What it tells")
    show_on_profile: bool = strawberry.field(default=False, description="Whether profiles list it to everybody")

    def plain(self) -> stored.NewAggregate:
        definition: Any = {
            **self.computed(),
            "name": self.name,
            "displayName": self.display_name,
            "description": self.description,
            "showOnProfile": self.show_on_profile,
        }
        return definition  # type: ignore[no-any-return]  # it has every key


@strawberry.input(description="Definition to change; what is not given stays")
class AggregateUpdateInput:
    display_name: str | None = strawberry.field(default=UNSET, description="New name for people")
    description: str | None = strawberry.field(default=UNSET, description="New description; null removes it")
    function: Function | None = strawberry.field(default=UNSET, description="New function")
    actions: list[str] | None = strawberry.field(default=UNSET, description="New types of events, in place of all")
    param: str | None = strawberry.field(default=UNSET, description="New parameter; null removes it")
    filters: list[AggregateFilterInput] | None = strawberry.field(
        default=UNSET, description="New comparisons, in place of all"
    )
    window: AggregateWindowInput | None = strawberry.field(default=UNSET, description="New window")
    time_zone: str | None = strawberry.field(default=UNSET, description="New zone")
    limit: int | None = strawberry.field(default=UNSET, description="New limit; null removes it")
    quantile: float | None = strawberry.field(default=UNSET, description="New share; null removes it")
    show_on_profile: bool | None = strawberry.field(
        default=UNSET, description="Whether profiles are to list it to everybody"
    )

    def plain(self) -> dict[str, Any]:
        return only_given(
            {
                "displayName": self.display_name,
                "description": self.description,
                "function": self.function,
                "actions": self.actions,
                "param": self.param,
                "filters": self.filters and [each.plain() for each in self.filters],
                "window": self.window and self.window.plain(),
                "timeZone": self.time_zone,
                "limit": self.limit,
                "quantile": self.quantile,
                "showOnProfile": self.show_on_profile,
            }
        )


@strawberry.type
class AggregatePayload(Payload):
    aggregate: AggregateDefinition | None = as_it_is("Definition")


@strawberry.type
class DeletedAggregatePayload(Payload):
    deleted_aggregate_id: strawberry.ID | None = strawberry.field(
        description="Id that the definition had; null when refused"
    )


@mutation(AggregatePayload, Scope.DEFINITIONS_WRITE, "Define an aggregate; needs definitions:write")
def aggregate_create(context: Context, options: Options, input: AggregateCreateInput) -> Answer:
    return resolve.create_definition(context, options, definition=input.plain())


@mutation(AggregatePayload, Scope.DEFINITIONS_WRITE, "Change an aggregate; needs definitions:write")
def aggregate_update(context: Context, options: Options, id: DefinitionId, input: AggregateUpdateInput) -> Answer:
    return resolve.update_definition(context, options, id, fields=input.plain())


@mutation(DeletedAggregatePayload, Scope.DEFINITIONS_WRITE, "Delete an aggregate; needs definitions:write")
def aggregate_delete(context: Context, options: Options, id: DefinitionId) -> Answer:
    return resolve.delete_definition(context, options, id)
