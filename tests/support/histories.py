"""Histories of generated profiles, and aggregates over them, near the nights in which zones change their clocks."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bson import decode, encode
from bson.codec_options import CodecOptions
from hypothesis import strategies as st

from storage.engines.aggregates import Aggregate, Function
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

AMOUNTS = st.integers(-9999, 9999).map(lambda cents: cents / 100) | st.integers(-3, 3)
DOUBLES = (0.1, 0.2, 0.1 + 0.2, -0.0, 0.0, 1.0, 1e15, 123456789012.345, 1.23456789012345e-7, 1e22, 1.7e308, 5e-324)
HARD = st.sampled_from([*DOUBLES, 1e-300, LEAST, MOST, 2**53 + 1, float("nan"), float("inf"), float("-inf")])
DATES = st.sampled_from(NIGHTS) | st.integers(0, 3).map(lambda days: NIGHTS[0] + timedelta(days=days))
TEXTS = st.sampled_from(["", "1", "a", "A", "ab", "true", "null", "é", "\U0001f600", "12.5", "a\0b"])
SCALARS = st.none() | st.booleans() | AMOUNTS | HARD | TEXTS | DATES
NESTED = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c.d"]), inner, max_size=2),
    max_leaves=4,
)
VALUES = {
    "amount": AMOUNTS | AMOUNTS | HARD | SCALARS,
    "any": NESTED,
    "note": TEXTS | TEXTS | st.none(),
    "$a.b": SCALARS,
}
ACTIONS = ("buy", "visit", "event log")


@st.composite
def histories(draw: st.DrawFn, most: int = 24) -> list[dict[str, Any]]:
    """Return events in the order in which they arrive, near one night; some within the same millisecond."""
    night = draw(st.sampled_from(NIGHTS))
    offsets = st.integers(-60, 60).map(lambda halves: halves * HOUR / 2) | st.integers(-2, 2).map(
        lambda n: n * MILLISECOND
    )
    events = []
    for number, offset in enumerate(draw(st.lists(offsets, max_size=most))):
        at = (night + offset - datetime(1970, 1, 1, tzinfo=UTC)) // MILLISECOND
        tail = draw(st.integers(0, 255)).to_bytes(1, "big") + number.to_bytes(9, "big")
        params = {name: draw(VALUES[name]) for name in draw(st.sets(st.sampled_from(PARAMS)))}
        events.append({"_id": at.to_bytes(6, "big") + tail, "action": draw(st.sampled_from(ACTIONS)), "params": params})
    return events


@st.composite
def filters(draw: st.DrawFn) -> ParamFilter:
    param = draw(st.sampled_from(PARAMS))
    comparison = draw(st.sampled_from(ParamComparison))
    match comparison:
        case ParamComparison.IN:
            value: Any = draw(st.lists(NESTED, max_size=3))
        case ParamComparison.LT | ParamComparison.LTE | ParamComparison.GT | ParamComparison.GTE:
            finite = HARD.filter(lambda value: abs(value) < float("inf"))
            value = draw(AMOUNTS | TEXTS | DATES | finite)
        case ParamComparison.CONTAINS:
            value = draw(NESTED.filter(lambda value: value is not None))
        case _:
            value = draw(NESTED)
    return ParamFilter(param, comparison, value)


@st.composite
def aggregates(draw: st.DrawFn) -> Aggregate:
    return Aggregate(
        draw(st.sampled_from(Function)),
        tuple(draw(st.lists(st.sampled_from([*ACTIONS, "never"]), min_size=1, max_size=4))),
        draw(st.sampled_from(PARAMS)),
        tuple(draw(st.lists(filters(), max_size=2))),
        limit=draw(st.integers(1, 4)),
        quantile=draw(st.sampled_from([0, 0.07, 0.25, 0.5, 0.9, 1])),
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
