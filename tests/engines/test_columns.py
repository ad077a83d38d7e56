"""Columns give back what was put into them, in its type, however it arrived and through the database."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import encode
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.engines.columns import MOST_BYTES, Columns
from tests.support.histories import LEAST, MOST, blocks_of, histories, stored, typed

CASES = settings(derandomize=True, max_examples=120)


def in_order(events: Any) -> Any:
    return typed(sorted(events, key=lambda event: event["_id"]))


def an_event(number: int, **params: Any) -> dict[str, Any]:
    return {"_id": number.to_bytes(6, "big") + bytes(10), "action": "buy", "params": params}


@CASES
@given(st.data(), histories())
def test_events_come_back_however_they_arrived(data: Any, events: list[Any]) -> None:
    blocks = data.draw(blocks_of(events))
    assert in_order(event for block in blocks for event in block.events()) == in_order(events)
    for block in blocks:
        assert len(encode(block.document())) <= block.size


VALUES = [
    *(1, 1.0, True, "1", None, False, 0, 0.0, -0.0, "", LEAST, MOST, 2**53 + 1, 0.1 + 0.2, 1e22, 5e-324, 1.7e308),
    *(float("nan"), float("inf"), float("-inf"), datetime(2026, 3, 29, 1, tzinfo=UTC), [], {}, [1, [1.0, None]]),
    *({"a": {"b": [True, "1"]}}, "x" * 40_000, "\U0001f600\0", b"\x00\xff"),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:30])
def test_a_value_keeps_its_type_alone_and_among_all_others(value: object) -> None:
    alone = stored(Columns.of([an_event(1, x=value), an_event(2), an_event(3, x=value)]))
    assert in_order(alone.events()) == in_order([an_event(1, x=value), an_event(2), an_event(3, x=value)])
    mixed = [an_event(number, x=each, **{str(number): value}) for number, each in enumerate([*VALUES, value])]
    late = stored(Columns.of(mixed[5:])).merged(mixed[:5])
    assert in_order(stored(late).events()) == in_order(mixed)


def test_decimals_that_have_no_scale_in_common_with_late_ones_come_back() -> None:
    early = [an_event(1, x=0.000000000000001), an_event(2, x=0.5)]
    late = [an_event(0, x=12345678901.25)]
    assert in_order(Columns.of(early).merged(late).events()) == in_order([*late, *early])


def test_an_event_that_is_known_is_not_added_again() -> None:
    columns = Columns.of([an_event(1, x=1), an_event(1, x=2)])
    again = columns.merged([an_event(1, x=3), an_event(2, x=4), an_event(2, x=5)])
    assert [event["params"]["x"] for event in again.events()] == [1, 4]
    assert again.merged([an_event(1, x=3)]) is again


def test_a_late_event_leaves_the_columns_that_were_read_as_they_were() -> None:
    before = stored(Columns.of([an_event(1, x=1), an_event(3, x="a")]))
    after = before.merged([an_event(2, x=2.5)])
    assert [event["params"]["x"] for event in before.events()] == [1, "a"]
    assert [event["params"]["x"] for event in after.events()] == [1, 2.5, "a"]


def test_blocks_are_cut_by_count_and_by_size() -> None:
    many = Columns.of(an_event(number, x=number) for number in range(2500))
    assert [len(part) for part in many.parts()] == [1024, 1024, 452]
    large = Columns.of(an_event(number, x=f"{number}" * 5000) for number in range(100))
    parts = large.parts()
    assert all(part.size <= MOST_BYTES for part in parts)
    assert in_order(event for part in parts for event in part.events()) == in_order(large.events())
    assert len(Columns.of([an_event(1, x="x" * 600_000)]).parts()) == 1


def test_a_hundred_parameters_and_names_like_operators() -> None:
    event = an_event(1, **{f"${number}.x": number for number in range(100)})
    assert in_order(stored(Columns.of([event])).events()) == in_order([event])


def test_more_events_than_positions_tell_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="too many"):
        Columns.of(an_event(number) for number in range(65_537))
