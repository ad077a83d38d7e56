"""What the widgets of dashboards ask of the events of a profile."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from loaders.analytics import Analytics
from resolvers.context import Context
from storage.aggregates import QueryDoc, aggregate_of, window_of, zone_of
from storage.columns.histories import History, Question
from storage.columns.questions import Breakdown, Newest
from storage.dashboards import DashboardDoc, WidgetDoc, WidgetKind
from storage.engines.aggregates import MOST_VALUES, Aggregate, Function
from storage.engines.windows import Span, Unit, span_of
from storage.store.errors import GatewayError, NotFoundError

MOST_ROWS = 50  # of a table
ROWS = 10
MOST_GROUPS = 9
LISTS = frozenset({Function.FIRST_N, Function.LAST_N, Function.DISTINCT_LIST, Function.TOP_N})
SINGLE = frozenset(Function) - LISTS


@dataclass(frozen=True, slots=True)
class Computation:
    """A widget at the time of the operation: what it computes, over which instants, and of which version it is."""

    widget: WidgetDoc
    query: QueryDoc
    aggregate: Aggregate
    span: Span
    week_start: int
    version: int

    def question(self, history: History, now: datetime) -> Question:
        """Return what is asked of a profile; raises `BadInputError` for a series of too many buckets."""
        bounds = (self.span.since, self.span.until)
        match self.widget["kind"]:
            case WidgetKind.TIME_SERIES:
                granularity: Unit = self.widget["granularity"]  # type: ignore[assignment]  # a time series has one
                zone = zone_of(self.query)
                starts = history.buckets(self.span, granularity, zone, week_start=self.week_start, now=now)
                return Question(self.aggregate, starts)
            case WidgetKind.TABLE:
                return Newest(self.aggregate, bounds, tuple(self.widget["columns"]), self.query["limit"] or ROWS)
            case WidgetKind.BREAKDOWN:
                return Breakdown(self.aggregate, bounds, MOST_GROUPS)
            case _:
                return Question(self.aggregate, bounds)

    def values(self, question: Question) -> int:
        """Return how many values the answer has at most."""
        match self.widget["kind"]:
            case WidgetKind.TIME_SERIES:
                return max(0, len(question.bounds) - 1)
            case WidgetKind.TABLE:
                return (self.query["limit"] or ROWS) * len(self.widget["columns"])
            case WidgetKind.BREAKDOWN:
                return MOST_GROUPS + 1
            case _:
                return self.aggregate.limit or MOST_VALUES if self.aggregate.function in LISTS else 1


@dataclass(frozen=True, slots=True)
class Asked:
    """A widget on one profile: its place in the answer, and what is asked."""

    place: tuple[int, int]
    profile: bytes
    computation: Computation
    question: Question


async def computations_of(
    context: Context, shown: Sequence[DashboardDoc]
) -> dict[tuple[bytes, int], Computation | GatewayError]:
    """Return what each widget of each dashboard computes, or why it can't."""
    dashboards = {each["_id"]: each for each in shown}.values()
    analytics = await context.loaders.analytics.load(context.workspace.id)
    return {
        (each["_id"], place): computation_of(context, widget, each["version"], analytics)
        for each in dashboards
        for place, widget in enumerate(each["widgets"])
    }


def computation_of(
    context: Context, widget: WidgetDoc, version: int, analytics: Analytics
) -> Computation | GatewayError:
    query = widget["query"]
    if query is None:
        query = analytics.aggregates.get(widget["aggregate"] or "")
        if query is None:
            return NotFoundError(f"There is no aggregate {widget['aggregate']!r} any more.")
        version = query["version"]
    week_start = analytics.week_start
    try:
        aggregate = replace(aggregate_of(query), split=widget["by"])
        span = span_of(window_of(query), context.now, zone_of(query), week_start=week_start)
    except GatewayError as error:
        return error
    return Computation(widget, query, aggregate, span, week_start, version)
