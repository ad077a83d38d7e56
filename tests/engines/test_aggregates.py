"""Aggregates by example: the settled meanings and the traps, one each."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from storage.engines.aggregates import OF_EVENTS, Aggregate, Function, Result
from storage.engines.columns import Columns
from storage.engines.evaluation import evaluate, positions, series
from storage.engines.filters import ParamComparison, ParamFilter
from storage.engines.windows import Span, Unit, Window, WindowKind, boundaries, span_of
from storage.store.errors import BadInputError
from tests.support.histories import stored, typed

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TIMES = (Function.FIRST_AT, Function.LAST_AT)
ALWAYS = Span()
WARSAW = ZoneInfo("Europe/Warsaw")
MISSING = object()


def an_event(at: datetime, tail: int = 0, action: str = "buy", **params: Any) -> dict[str, Any]:
    milliseconds = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    return {"_id": milliseconds.to_bytes(6, "big") + tail.to_bytes(10, "big"), "action": action, "params": params}


def of_values(*values: Any) -> list[Columns]:
    """Return a block of events a minute apart, each with a value of x, or without one."""
    events = [
        an_event(NOON + timedelta(minutes=number), **({} if value is MISSING else {"x": value}))
        for number, value in enumerate(values)
    ]
    return [stored(Columns.of(events))]


def of(function: Function, *filters: ParamFilter, **more: Any) -> Aggregate:
    return Aggregate(function, ("buy",), "x", filters, **more)


def value_of(function: Function, *values: Any, **more: Any) -> Any:
    return typed(evaluate(of(function, **more), of_values(*values), ALWAYS).value)


def test_trap_3_a_late_event_counts_once_and_in_its_own_window() -> None:
    hour = timedelta(hours=1)
    block = Columns.of([an_event(NOON, x=1), an_event(NOON + 2 * hour, x=4)])
    late = an_event(NOON + hour, x=2)
    block = block.merged([late]).merged([late])
    count = Aggregate(Function.COUNT, ("buy",))
    buckets = [NOON + number * hour for number in range(4)]
    assert [result.value for result in series(count, [block], buckets)] == [1, 1, 1]
    assert evaluate(of(Function.SUM), [block], ALWAYS) == Result(7, 3, 0)
    never = ParamFilter("x", ParamComparison.EQ, 2)
    assert evaluate(of(Function.COUNT, never), [block], Span(NOON + 2 * hour)).value == 0


@pytest.mark.parametrize("function", Function)
def test_trap_4_no_data_is_not_a_zero_that_was_counted(function: Function) -> None:
    aggregate = of(function, limit=3, quantile=0.5)
    empty = {Function.EXISTS: False, **dict.fromkeys((Function.FIRST, Function.LAST, *TIMES))}
    lists = {Function.FIRST_N, Function.LAST_N, Function.DISTINCT_LIST, Function.TOP_N}
    nothing = evaluate(aggregate, [], ALWAYS)
    assert nothing == Result([] if function in lists else empty.get(function, 0), 0, 0)
    assert evaluate(aggregate, [Columns.of([])], ALWAYS) == nothing
    if function not in OF_EVENTS:
        skipped = evaluate(aggregate, of_values(None, MISSING, float("nan")), ALWAYS)
        assert (skipped.matched, skipped.skipped) == (3, 3)
        assert skipped.value == nothing.value
        assert evaluate(aggregate, of_values(0), ALWAYS).skipped == 0


def test_count_and_exists_are_of_events_whether_they_have_the_parameter_or_not() -> None:
    blocks = of_values(1, None, MISSING, "a")
    assert evaluate(of(Function.COUNT), blocks, ALWAYS) == Result(4, 4, 0)
    assert evaluate(of(Function.EXISTS), of_values(MISSING), ALWAYS) == Result(True, 1, 0)


def test_trap_7_an_event_at_midnight_is_of_the_day_that_begins() -> None:
    now = datetime(2026, 11, 21, 18, tzinfo=WARSAW)
    midnight = datetime(2026, 11, 21, tzinfo=WARSAW)
    block = Columns.of(
        [an_event(midnight - timedelta(milliseconds=1), x=1), an_event(midnight, x=2), an_event(midnight, 1, x=4)]
    )
    sums = [
        evaluate(of(Function.SUM), [block], span_of(Window(kind), now, WARSAW)).value
        for kind in (WindowKind.YESTERDAY, WindowKind.TODAY)
    ]
    assert sums == [1, 6]


def test_a_window_may_end_within_a_millisecond() -> None:
    block = Columns.of([an_event(NOON, x=1)])
    microsecond = timedelta(microseconds=1)
    count = of(Function.COUNT)
    assert evaluate(count, [block], Span(NOON, NOON + microsecond)).value == 1
    assert evaluate(count, [block], Span(NOON + microsecond, None)).value == 0
    assert evaluate(count, [block], Span(NOON - microsecond, NOON)).value == 0


def test_trap_2_buckets_are_by_instants_where_an_evening_repeats() -> None:
    zone = ZoneInfo("America/St_Johns")
    midnight = datetime(2010, 11, 7, 2, 30, tzinfo=UTC)
    block = Columns.of([an_event(midnight + timedelta(minutes=minutes), x=minutes) for minutes in (-60, 0, 30)])
    days = boundaries(Span(midnight - timedelta(days=1), midnight + timedelta(days=1)), Unit.DAYS, zone)
    assert [result.value for result in series(of(Function.COUNT), [block], days)] == [1, 2]


def test_trap_9_one_true_and_the_text_one_are_three_values() -> None:
    values = [1, True, "1", 1.0, "true", False, 0, -0.0, "1", True]
    assert value_of(Function.DISTINCT_LIST, *values) == typed([1, True, "1", "true", False, 0])
    assert value_of(Function.DISTINCT_COUNT, *values) == 6
    assert value_of(Function.DISTINCT_LIST, [1], [True], ["1"], [1.0], {"a": 1}, {"a": True}) == typed(
        [[1], [True], ["1"], {"a": 1}, {"a": True}]
    )


def test_trap_9_what_is_not_numeric_is_skipped_and_counted() -> None:
    blocks = of_values(1, True, "2", None, MISSING, float("nan"), float("inf"), [3], {"a": 4}, NOON, 0.5)
    for function, value in {
        Function.SUM: 1.5,
        Function.AVG: 0.75,
        Function.MIN: 0.5,
        Function.MAX: 1,
        Function.MEDIAN: 0.5,
    }.items():
        assert evaluate(of(function), blocks, ALWAYS) == Result(value, 11, 9)


def test_ties_go_to_what_occurred_first() -> None:
    result = evaluate(of(Function.TOP_N, limit=3), of_values("c", "b", "a", "a", "b", "d"), ALWAYS)
    assert (result.value, result.counts) == (["b", "a", "c"], (2, 2, 1))


def test_ties_within_a_millisecond_go_by_the_order_of_the_journal() -> None:
    events = [an_event(NOON, tail, x=text) for tail, text in [(3, "c"), (1, "a"), (2, "b")]]
    block = Columns.of(events[:1]).merged(events[1:])
    found = {
        function: evaluate(of(function, limit=3), [block], ALWAYS).value
        for function in Function
        if function is not Function.QUANTILE
    }
    assert (found[Function.FIRST], found[Function.LAST]) == ("a", "c")
    assert (found[Function.FIRST_N], found[Function.LAST_N]) == (["a", "b", "c"], ["c", "b", "a"])
    assert found[Function.TOP_N] == ["a", "b", "c"]


def test_events_of_several_actions_are_in_one_order() -> None:
    events = [
        an_event(NOON + timedelta(minutes=number), action=action, x=number) for number, action in enumerate("abab")
    ]
    aggregate = Aggregate(Function.FIRST_N, ("b", "a", "b"), "x", limit=4)
    assert evaluate(aggregate, [Columns.of(events)], ALWAYS) == Result([0, 1, 2, 3], 4, 0)


def test_quantiles_are_of_the_nearest_rank() -> None:
    assert value_of(Function.MEDIAN, 4, 1, 3, 2) == 2
    assert value_of(Function.MEDIAN, 1.5, 3, 2) == 2
    assert value_of(Function.QUANTILE, *range(1, 101), quantile=0.07) == 7
    assert value_of(Function.QUANTILE, 5, 6, quantile=0) == 5
    assert value_of(Function.QUANTILE, 5, 6, quantile=1) == 6


def test_sums_are_of_what_is_written() -> None:
    assert value_of(Function.SUM, 0.1, 0.2) == typed(0.3)
    assert value_of(Function.SUM, *[0.1] * 10) == 1
    assert value_of(Function.SUM, 1e16, 1, -1e16) == 1
    assert value_of(Function.SUM, 2**63 - 1, -(2**63)) == -1
    assert value_of(Function.SUM, 1.7e308, 1.7e308) == repr(1.7976931348623157e308)


X = ParamComparison
FILTERS = [
    (X.NE, 1, [MISSING, None, "1", True, 2], [1, 1.0, [1, 2]]),
    (X.EQ, 1, [1, 1.0, [2, 1]], [MISSING, None, True, "1", [True]]),
    (X.EQ, None, [None, MISSING], [0, "", False]),
    (X.EXISTS, None, [0, "", False, [], float("nan")], [None, MISSING]),
    (X.NOT_EXISTS, None, [None, MISSING], [0, "", False, []]),
    (X.CONTAINS, "ab", ["ab", "cabd", ["ab"]], ["AB", "a", ["cabd"], MISSING, 1]),
    (X.IN, ["a", 1, None], ["a", 1.0, None, MISSING, ["b", "a"]], ["b", True, "1"]),
    (X.LT, 0.3, [0.2, -5, 1e-300, [1, 0.1]], [0.1 + 0.2, 0.3, 1, "0", None, False, float("-inf"), MISSING]),
    (X.LTE, 0.3, [0.1 + 0.2, 0.3, 0], [0.31, 1]),
    (X.GT, 2**53, [2**53 + 1], [2**53, float("nan"), "9", NOON]),
    (X.GTE, "b", ["b", "ba", "é"], ["a", "B", 3, None]),
    (X.LT, 0.5, [0, -1], [1, 2]),
    (X.LTE, 0.5, [0], [1]),
    (X.GT, 0.5, [1], [0]),
    (X.GTE, 0.5, [1], [0, -1]),
    (X.LT, -0.5, [-1], [0]),
    (X.EQ, 0.5, [0.5], [0, 1, 5]),
    (X.GT, NOON, [NOON + timedelta(milliseconds=1)], [NOON, "2027", 2**62]),
]


@pytest.mark.parametrize(("comparison", "value", "passing", "failing"), FILTERS, ids=lambda value: str(value)[:20])
def test_filters(comparison: ParamComparison, value: Any, passing: list[Any], failing: list[Any]) -> None:
    count = of(Function.COUNT, ParamFilter("x", comparison, value))
    assert [evaluate(count, of_values(each), ALWAYS).value for each in passing] == [1] * len(passing)
    assert [evaluate(count, of_values(each), ALWAYS).value for each in failing] == [0] * len(failing)
    assert evaluate(count, of_values(*passing, *failing), ALWAYS).value == len(passing)


def test_filters_that_python_holds_for_equal_are_kept_apart() -> None:
    blocks = of_values(1, True, True)
    counts = [
        evaluate(of(Function.COUNT, ParamFilter("x", X.EQ, value)), blocks, ALWAYS).value for value in (1, True, 1.0)
    ]
    assert counts == [1, 2, 1]
    texts = of_values("1", "1", 1)
    for given in [(X.EQ, 1), (X.EQ, "1")]:
        filters = (ParamFilter("x", X.EXISTS), ParamFilter("x", *given))
        wanted = 2 if given[1] == "1" else 1
        assert evaluate(of(Function.COUNT, *filters), texts, ALWAYS).value == wanted
    assert ParamFilter("x", X.EQ, 1) != ParamFilter("x", X.EQ, True)
    assert ParamFilter("x", X.IN, [[1]]) == ParamFilter("x", X.IN, [[1.0]])


@pytest.mark.parametrize(
    ("comparison", "value"),
    [(X.LT, None), (X.GT, True), (X.GTE, [1]), (X.LTE, float("nan")), (X.IN, "a"), (X.CONTAINS, None)],
)
def test_a_filter_that_can_not_be_meant_is_refused(comparison: ParamComparison, value: Any) -> None:
    with pytest.raises(BadInputError):
        ParamFilter("x", comparison, value)


@pytest.mark.parametrize(
    "given",
    [
        {"function": Function.COUNT, "actions": ()},
        {"function": Function.SUM, "actions": ("buy",)},
        {"function": Function.TOP_N, "actions": ("buy",), "param": "x"},
        {"function": Function.LAST_N, "actions": ("buy",), "param": "x", "limit": 0},
        {"function": Function.FIRST_N, "actions": ("buy",), "param": "x", "limit": 1001},
        {"function": Function.QUANTILE, "actions": ("buy",), "param": "x"},
        {"function": Function.QUANTILE, "actions": ("buy",), "param": "x", "quantile": 1.1},
        {"function": Function.QUANTILE, "actions": ("buy",), "param": "x", "quantile": float("nan")},
        {"function": Function.LAST, "actions": ("buy",), "param": "x", "split": "currency"},
    ],
)
def test_an_aggregate_that_can_not_be_meant_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(BadInputError):
        Aggregate(**given)


def test_a_value_is_explained_by_the_events_that_it_is_of() -> None:
    blocks = of_values(1, "a", None, 2)
    ids = [blocks[0].id_at(place) for place in range(4)]
    assert positions(of(Function.SUM), blocks, ALWAYS) == [ids[3], ids[0]]
    assert positions(of(Function.FIRST), blocks, ALWAYS) == [ids[3], ids[1], ids[0]]
    assert positions(of(Function.COUNT), blocks, ALWAYS, before=ids[3], limit=2) == [ids[2], ids[1]]
