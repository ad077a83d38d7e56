"""Analyses of a profile: the figures of its events, as definitions say (R55-R57, R60)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from resolvers import analyses as resolve
from resolvers.analyses import AnalysisState
from schema.aggregates import AggregateDefinition, AggregateInput
from schema.attributes import ArrayValue, BooleanValue, DateValue, NumberValue, StringValue, Tagged
from schema.connections import After, Before, First, Last, or_none, page
from schema.documents import Info, batched, computed, one, through, together
from schema.enums import described
from schema.events import EventConnection
from storage.engines.windows import Unit
from storage.profiles import ProfileDoc

described(
    AnalysisState,
    "Whether there is anything to compute",
    READY="Workspace has definitions",
    NO_DATA="Workspace has no definition",
)


@strawberry.type(description="Values with how often each occurs")
class TableValue(Tagged):
    columns: list[str] = strawberry.field(description="Names of the columns: value and count")
    rows: list[JSON] = strawberry.field(description="Rows, most frequent first; each a list of a value and its count")


@strawberry.type(description="Object that a sender put into a parameter")
class ObjectValue(Tagged):
    json: JSON = strawberry.field(description="Object as the sender gave it")


AnalysisValue = Annotated[
    StringValue | NumberValue | DateValue | BooleanValue | ArrayValue | TableValue | ObjectValue,
    strawberry.union("AnalysisValue", description="Value of a figure, by its type"),
]


@strawberry.type(description="Instants that a window is, at the time of the operation")
class ResolvedWindow:
    since = computed(resolve.since_of, datetime | None, "First timestamp; null without a beginning", name="from")
    until = computed(resolve.until_of, datetime | None, "First timestamp after it; null without an end", name="to")
    time_zone = computed(resolve.zone_name_of, str, "IANA zone that it was counted in")


@strawberry.type(description="Value of one bucket of a window")
class AggregateBucket:
    since: datetime = strawberry.field(name="from", description="First timestamp of the bucket")
    until: datetime = strawberry.field(name="to", description="First timestamp after the bucket")
    value: AnalysisValue | None = strawberry.field(description="Value; null without one, or masked")
    matched: int = strawberry.field(description="Number of events that passed the filters")
    complete: bool = strawberry.field(description="Indicates whether the bucket is over")


def events(
    root: strawberry.Parent[Any],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    return resolve.events_of(info.context, root, page(first, after, last, before))


Granularity = Annotated[Unit, strawberry.argument(description="Length of a bucket")]


def series(root: strawberry.Parent[Any], granularity: Granularity) -> Any:
    return resolve.series_of(root, granularity)


@strawberry.type(description="Figure of a profile's events")
class AggregateResult:
    definition = computed(resolve.definition_of, AggregateDefinition | None, "Definition; null for one that is tried")
    value = computed(resolve.value_of, AnalysisValue | None, "Value; null without one, or when masked")
    display = computed(resolve.display_of, str, "Value as text; N/A without one, *** when masked")
    matched = computed(resolve.matched_of, int, "Number of events that passed the filters")
    skipped = computed(resolve.skipped_of, int, "Number of those that say nothing of it, for example a text in a sum")
    masked = computed(
        resolve.is_masked, bool, "Indicates whether the value is personal and the credential lacks personal:read"
    )
    window = through(ResolvedWindow, "Window as it was at asOf")
    as_of = computed(resolve.now_of, datetime, "Timestamp that the window is counted from")
    seq = computed(resolve.seq_of, int, "Number of the latest entry of the profile that it counts")
    version = computed(resolve.version_of, int | None, "Version of the definition; null for one that is tried")
    events = strawberry.field(
        events,
        graphql_type=EventConnection | None,
        description="Events that made it, newest first; paged forwards",
    )
    series = strawberry.field(
        series,
        graphql_type=list[AggregateBucket] | None,
        description="Value of each bucket of the window, at most 1,000, empty ones too",
    )


Names = Annotated[list[str] | None, strawberry.argument(description="Names of definitions, at most 100; all without")]
Hidden = Annotated[
    bool,
    strawberry.argument(description="Whether to list those not shown on profiles, too; needs definitions:write"),
]


def figures_of_each(
    info: Info, profiles: Sequence[ProfileDoc], names: list[str] | None = UNSET, hidden: bool = False
) -> Any:
    return resolve.figures_of_each(info.context, profiles, names=or_none(names), hidden=hidden)


def figures(root: strawberry.Parent[ProfileDoc], info: Info, names: Names = UNSET, hidden: Hidden = False) -> Any:
    return one(figures_of_each(info, [root], names, hidden))


HISTORY = ("seq", "eventCount", "recent._id", "recent.seq", "recent.action", "recent.params")


@strawberry.type(description="Figures of a profile's events")
class Analyses:
    state = together(resolve.state_of_each, AnalysisState, "Whether there is anything to compute")
    aggregates = strawberry.field(
        figures,
        graphql_type=list[AggregateResult] | None,
        description="Figures by the name of their definition, or in the order of the names",
        metadata=batched(figures_of_each, *HISTORY),
    )


Definition = Annotated[AggregateInput, strawberry.argument(description="Aggregate to try")]
ProfileId = Annotated[strawberry.ID, strawberry.argument(description="Id of the profile")]


def preview(info: Info, profile_id: ProfileId, definition: Definition) -> Any:
    given: Any = {
        **definition.computed(),
        "name": "preview",
        "displayName": "Preview",
        "description": None,
        "showOnProfile": False,
    }
    return resolve.preview(info.context, profile_id, given)
