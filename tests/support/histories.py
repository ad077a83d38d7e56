"""Histories of generated profiles, and aggregates over them, near the nights in which zones change their clocks."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bson import decode, encode
from bson.codec_options import CodecOptions
from hypothesis import strategies as st

from storage.engines.aggregates import OF_GROUPS, Aggregate, Function
from storage.engines.columns import Columns
from storage.engines.filters import ParamComparison, ParamFilter
from storage.engines.windows import Unit, Window, WindowKind

ZONES = [ZoneInfo(name) for name in ("Europe/Warsaw", "America/Santiago", "America/St_Johns", "Asia/Kathmandu", "UTC")]
# Clocks go on or back within some hours of these; in St John's of 2010 a minute after midnight.
NIGHTS = [
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 4, 5, 3, tzinfo=UTC),
    datetime(2026, 9, 6, 4, tzinfo=UTC),
    datetime(2010, 3, 14, 3, 31, tzinfo=UTC),
    datetime(2010, 11, 7, 2, 31, tzinfo=UTC),
]
MILLISECOND = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)
AWARE: CodecOptions[Any] = CodecOptions(tz_aware=True)
PARAMS = ("amount", "any", "note", "$a.b")
LEAST, MOST = -(2**63), 2**63 - 1

AMOUNTS = [number / 100 for number in range(-9950, 9950, 199)] + [1, 1.0, 2, 2.5, -3, 0.07, 0]
HARD = [0.1, 0.2, 0.1 + 0.2, -0.0, 0.0, 1e15, 123456789012.345, 1.23456789012345e-7, 1e22, 1.7e308, 5e-324, 1e-300]
HARD += [LEAST, MOST, 2**53 + 1]
ODD = [float("nan"), float("inf"), float("-inf"), None, True, False, *NIGHTS[:2], NIGHTS[0] + MILLISECOND]
TEXTS = ["", "1", "a", "A", "ab", "true", "null", "\u00e9", "\U0001f600", "12.5", "a\0b"]
LISTS = [[], [1], [1.0], [True], ["1"], ["a", 1], [None], [1, 2], [2, 1], [[1]], [float("nan")], [NIGHTS[0]]]
OBJECTS = [{}, {"a": 1}, {"a": 1.0}, {"a": "1"}, {"a": 1, "c.d": None}, {"c.d": None, "a": 1}, {"a": {"a": [True]}}]
FEW = [1, 1.0, True, "1", None, 2, "a", "ab", [1], 1.5]
VALUES: dict[str, list[Any]] = {
    "amount": [*AMOUNTS, *HARD, *ODD, *TEXTS[:4]],
    "any": [*FEW, *HARD, *ODD, *TEXTS, *LISTS, *OBJECTS],
    "note": [*TEXTS, None],
    "$a.b": FEW,
}
ALL = st.sampled_from(VALUES["any"])
ACTIONS = ("buy", "visit", "event log")
# From the night at which clocks change; the first ones are within a few milliseconds.
NEAR = [*(number * MILLISECOND for number in (0, 0, 0, 1, -1, 2)), *(number * HOUR / 2 for number in range(-60, 61))]


def an_event(number: int, night: datetime, chosen: bytes) -> dict[str, Any]:
    """Return the event that some bytes choose: one draw for each event is quick, and shrinks to what is simple."""
    at = (night + NEAR[chosen[0] % len(NEAR)] - datetime(1970, 1, 1, tzinfo=UTC)) // MILLISECOND
    params = {}
    for place, (name, values) in enumerate(VALUES.items()):
        if chosen[3 + 2 * place] % 4:
            params[name] = values[chosen[4 + 2 * place] % len(values)]
    tail = chosen[1:2] + number.to_bytes(9, "big")
    return {"_id": at.to_bytes(6, "big") + tail, "action": ACTIONS[chosen[2] % len(ACTIONS)], "params": params}


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return events in the order in which they arrive, near one night; some within the same millisecond."""
    night = draw(st.sampled_from(NIGHTS))
    chosen = draw(st.lists(st.binary(min_size=11, max_size=11), max_size=30))
    return [an_event(number, night, each) for number, each in enumerate(chosen)]


@st.composite
def filters(draw: st.DrawFn) -> ParamFilter:
    param = draw(st.sampled_from(PARAMS))
    comparison = draw(st.sampled_from(ParamComparison))
    match comparison:
        case ParamComparison.IN:
            value: Any = draw(st.lists(ALL, max_size=3))
        case ParamComparison.LT | ParamComparison.LTE | ParamComparison.GT | ParamComparison.GTE:
            value = draw(st.sampled_from([*AMOUNTS, *HARD, *TEXTS, *NIGHTS[:2]]))
        case ParamComparison.CONTAINS:
            value = draw(st.sampled_from([*TEXTS, *HARD, 1, True, [1]]))
        case _:
            value = draw(ALL)
    return ParamFilter(param, comparison, value)


@st.composite
def aggregates(draw: st.DrawFn) -> Aggregate:
    function = draw(st.sampled_from(Function))
    return Aggregate(
        function,
        tuple(draw(st.lists(st.sampled_from([*ACTIONS, "never"]), min_size=1, max_size=4))),
        draw(st.sampled_from(PARAMS)),
        tuple(draw(st.lists(filters(), max_size=2))),
        limit=draw(st.integers(1, 4)),
        quantile=draw(st.sampled_from([0, 0.07, 0.25, 0.5, 0.9, 1])),
        once=draw(st.sampled_from([None, None, *PARAMS])),
        split=draw(st.sampled_from([None, None, *PARAMS])) if function in OF_GROUPS else None,
    )


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    steps = st.integers(-70, 70).map(lambda quarters: quarters * HOUR / 4) | st.integers(-2500, 2500).map(
        lambda n: timedelta(microseconds=n)
    )
    return draw(st.sampled_from(NIGHTS)) + draw(steps)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    first, second = sorted([draw(moments()), draw(moments())])
    return Window(
        draw(st.sampled_from(WindowKind)),
        draw(st.sampled_from(Unit)),
        draw(st.integers(1, 40)),
        draw(st.sampled_from([first, None])),
        second,
        draw(st.booleans()),
    )


@st.composite
def blocks_of(draw: st.DrawFn, events: list[dict[str, Any]]) -> list[Columns]:
    """Return the events as blocks, cut anywhere; those of each come in batches, in the order in which they arrive."""
    ids = sorted(event["_id"] for event in events)
    cuts = sorted(draw(st.sets(st.sampled_from(ids or [b""]), max_size=3)))
    blocks = []
    for since, until in zip([b"", *cuts], [*cuts, b"\xff" * 17], strict=True):
        arriving = [event for event in events if since <= event["_id"] < until]
        first = draw(st.integers(0, len(arriving)))
        second = draw(st.integers(first, len(arriving)))
        block = stored(Columns.of(arriving[:first])) if draw(st.booleans()) else Columns.of(arriving[:first])
        blocks.append(block.merged(arriving[first:second]).merged(arriving[second:]))
    return [stored(block) for block in blocks] if draw(st.booleans()) else blocks


def stored(columns: Columns) -> Columns:
    """Return the columns as a database gives them back."""
    return Columns.read(decode(encode(columns.document()), AWARE))


def typed(value: Any) -> Any:
    """Return what is equal only for values of the same type that are written in the same way."""
    match value:
        case list() | tuple():
            return [typed(item) for item in value]
        case dict():
            return {name: typed(inner) for name, inner in value.items()}
        case bool() | None | float():
            return repr(value)
        case int():
            return int(value)
        case datetime():
            return ("date", value.astimezone(UTC).isoformat())
        case _:
            return ("other", value)
