"""Definitions and answers of figures through GraphQL, beside what the plain evaluator says of the journal."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from storage.engines.aggregates import Aggregate, Function
from storage.engines.filters import ParamComparison, ParamFilter
from storage.engines.windows import Unit, Window, WindowKind
from storage.events import EventDoc
from storage.store.timestamps import read_timestamp, write_timestamp
from tests.support.factories import an_event
from tests.support.histories import AMOUNTS, FEW, HARD, LISTS, MILLISECOND, NEAR, NIGHTS, OBJECTS, TEXTS, typed
from tests.support.plain_aggregates import plain
from tests.support.plain_windows import plain_span

NAMES = ("Europe/Warsaw", "America/St_Johns", "America/Santiago", "Australia/Lord_Howe", "Pacific/Apia", "UTC")
# Besides those of all histories: Lord Howe's clocks go by half an hour, and Apia left out a day.
MORE_NIGHTS = (
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2011, 4, 2, 14, tzinfo=UTC),
    datetime(2010, 9, 26, 11, tzinfo=UTC),
    datetime(2011, 12, 30, 10, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
)
ALL_NIGHTS = (*NIGHTS, *MORE_NIGHTS)
ACTIONS = ("buy", "visit", "event log")
PARAMS = ("amount", "any", "note", "never")


def can_be_sent(value: Any) -> bool:
    """Return whether JSON can say it."""
    if isinstance(value, float):
        return value == value and abs(value) != float("inf")
    if isinstance(value, list):
        return all(map(can_be_sent, value))
    return not isinstance(value, datetime)


VALUES: dict[str, list[Any]] = {
    "amount": [*AMOUNTS, *AMOUNTS, *HARD, None, True, False, *TEXTS[:4]],
    "any": [*FEW, *HARD, *TEXTS, *filter(can_be_sent, LISTS), *OBJECTS],
    "note": [*TEXTS, None],
}
FILTERED = [*AMOUNTS[::9], *filter(lambda value: isinstance(value, float), HARD), 1.0, *TEXTS, True, False]


@st.composite
def sent(draw: st.DrawFn, *, most: int = 40) -> tuple[datetime, list[EventDoc]]:
    """Return a night in which clocks may change, and events near it in the order in which they arrive."""
    night = draw(st.sampled_from(ALL_NIGHTS))
    chosen = draw(st.lists(st.binary(min_size=8, max_size=8), max_size=most))
    return night, [told(night, each) for each in chosen]


def told(night: datetime, chosen: bytes) -> EventDoc:
    """Return the event that some bytes choose."""
    at = max(night + NEAR[chosen[0] % len(NEAR)], datetime(1970, 1, 1, tzinfo=UTC))
    params = {
        name: values[chosen[place + 1] % len(values)]
        for place, (name, values) in zip(range(1, 6, 2), VALUES.items(), strict=True)
        if chosen[place] % 4
    }
    return an_event(ACTIONS[chosen[7] % len(ACTIONS)], at=at, **params)


@st.composite
def conditions(draw: st.DrawFn) -> ParamFilter:
    comparison = draw(st.sampled_from(ParamComparison))
    match comparison:
        case ParamComparison.EXISTS | ParamComparison.NOT_EXISTS:
            value: Any = None
        case ParamComparison.IN:
            value = draw(st.lists(st.sampled_from(FILTERED), max_size=3))
        case ParamComparison.EQ | ParamComparison.NE:
            value = draw(st.sampled_from([*FILTERED, None, ["a", 1], []]))
        case ParamComparison.CONTAINS:
            value = draw(st.sampled_from(FILTERED))
        case _:
            value = draw(st.sampled_from([each for each in FILTERED if not isinstance(each, bool)]))
    return ParamFilter(draw(st.sampled_from(PARAMS)), comparison, value)


class Defined(NamedTuple):
    """What is asked for: an aggregate in a window of a zone."""

    aggregate: Aggregate
    window: Window
    zone: str

    def input(self) -> dict[str, Any]:
        """Return what a client sends."""
        aggregate, window = self.aggregate, self.window
        bounds = {"from": window.since, "to": window.until} if window.kind is WindowKind.BETWEEN else {}
        return {
            "function": aggregate.function.value,
            "actions": list(aggregate.actions),
            "param": aggregate.param,
            "filters": [
                {"param": each.param, "comparison": each.comparison.value, "value": value_input(each)}
                for each in aggregate.filters
            ],
            "window": {
                "kind": window.kind.value,
                "unit": window.unit and window.unit.value,
                "count": window.count,
                "calendar": window.calendar,
                **{name: at and write_timestamp(at) for name, at in bounds.items()},
            },
            "timeZone": self.zone,
            "limit": aggregate.limit,
            "quantile": aggregate.quantile,
        }

    def expected(self, events: Sequence[Any], now: datetime) -> tuple[Any, Any, tuple[Any, Any]]:
        """Return what the plain evaluators say: the answer, the events that it is of, and the bounds."""
        bounds = plain_span(self.window, now, ZoneInfo(self.zone))
        found = plain(self.aggregate, events, *bounds)
        value = [list(row) for row in zip(found.value, found.counts, strict=True)] if found.counts else found.value
        if isinstance(value, int) and not isinstance(value, bool):
            value = float(value)  # a number of its own is a Float of GraphQL
        return (typed(value), found.matched, found.skipped), found.ids, bounds


def value_input(condition: ParamFilter) -> Any:
    match condition.value:
        case None:
            return None
        case bool() as value:
            return {"boolean": value}
        case int() | float() as value:
            return {"number": value}
        case str() as value:
            return {"string": value}
        case value:
            return {"items": list(value)}


@st.composite
def defined(draw: st.DrawFn, night: datetime) -> Defined:
    function = draw(st.sampled_from(Function))
    aggregate = Aggregate(
        function,
        tuple(draw(st.lists(st.sampled_from([*ACTIONS, "none"]), min_size=1, max_size=3))),
        draw(st.sampled_from(PARAMS)),
        tuple(draw(st.lists(conditions(), max_size=2))),
        limit=draw(st.integers(1, 4)),
        quantile=draw(st.sampled_from([0, 0.07, 0.25, 0.5, 0.9, 1])),
    )
    since, until = sorted([draw(near(night)), draw(near(night))])
    window = Window(
        draw(st.sampled_from(WindowKind)),
        draw(st.sampled_from(Unit)),
        draw(st.integers(1, 40)),
        draw(st.sampled_from([since, None])),
        until,
        draw(st.booleans()),
    )
    return Defined(aggregate, window, draw(st.sampled_from(NAMES)))


def near(night: datetime) -> st.SearchStrategy[datetime]:
    """Return moments around a night, in quarters of an hour or milliseconds."""
    quarters = st.integers(-70, 70).map(lambda number: night + number * timedelta(minutes=15))
    return quarters | st.integers(-3, 3).map(lambda number: night + number * MILLISECOND)


RESULT = """fragment result on AggregateResult { display matched skipped masked seq version asOf
  window { from to timeZone }
  value { __typename ... on NumberValue { number } ... on StringValue { string } ... on BooleanValue { boolean }
    ... on ArrayValue { items } ... on TableValue { rows } ... on ObjectValue { json } ... on DateValue { date } } }"""


def answered(figure: Any) -> tuple[Any, int, int]:
    """Return an answer as `Defined.expected` does."""
    value = figure["value"] and dict(figure["value"])
    if value is None:
        return typed(None), figure["matched"], figure["skipped"]
    kind = value.pop("__typename")
    (told,) = value.values()
    return typed(read_timestamp(told) if kind == "DateValue" else told), figure["matched"], figure["skipped"]


def bounds_of(figure: Any) -> tuple[datetime | None, ...]:
    return tuple(at and read_timestamp(at) for at in (figure["window"]["from"], figure["window"]["to"]))


def up_to(journal: Iterable[Any], seq: int) -> list[Any]:
    """Return the events among the entries up to one."""
    return [entry for entry in journal if entry["kind"] == "EVENT" and entry["seq"] <= seq]
