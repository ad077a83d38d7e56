"""The engine against the plain evaluator: the same of any history, however it is cut into blocks."""

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from storage.engines.aggregates import Aggregate, Result
from storage.engines.evaluation import evaluate, positions, series
from storage.engines.windows import Unit, boundaries, span_of
from storage.store.errors import BadInputError
from tests.support.histories import ZONES, aggregates, blocks_of, histories, moments, typed, windows
from tests.support.plain_aggregates import Plain, plain

CASES = settings(derandomize=True, max_examples=120)


def told(result: Result | Plain) -> Any:
    groups = [(typed(value), told(group)) for value, group in result.groups]
    return typed(result.value), result.matched, result.skipped, list(result.counts), groups


@CASES
@given(st.data(), histories(), st.lists(aggregates(), min_size=1, max_size=5))
def test_values_in_windows_are_those_of_a_plain_loop(data: Any, events: list[Any], asked: list[Aggregate]) -> None:
    blocks = data.draw(blocks_of(events))
    for aggregate in asked:
        span = span_of(data.draw(windows()), data.draw(moments()), data.draw(st.sampled_from(ZONES)))
        wanted = plain(aggregate, events, span.since, span.until)
        assert told(evaluate(aggregate, blocks, span)) == told(wanted)
        assert positions(aggregate, blocks, span) == wanted.ids


@CASES
@given(st.data(), histories(), aggregates())
def test_each_bucket_is_a_window_of_its_own_and_all_are_the_window(
    data: Any, events: list[Any], aggregate: Aggregate
) -> None:
    blocks = data.draw(blocks_of(events))
    zone = data.draw(st.sampled_from(ZONES))
    span = span_of(data.draw(windows()), data.draw(moments()), zone)
    try:
        buckets = boundaries(span, data.draw(st.sampled_from(Unit)), zone)
    except BadInputError:
        return
    found = series(aggregate, blocks, buckets)
    assert [told(result) for result in found] == [
        told(plain(aggregate, events, since, until)) for since, until in pairwise(buckets)
    ]
    assert sum(result.matched for result in found) == evaluate(aggregate, blocks, span).matched


@CASES
@given(st.data(), histories(), aggregates())
def test_pages_of_what_counts_are_all_of_it_once(data: Any, events: list[Any], aggregate: Aggregate) -> None:
    blocks = data.draw(blocks_of(events))
    span = span_of(data.draw(windows()), data.draw(moments()), data.draw(st.sampled_from(ZONES)))
    size = data.draw(st.integers(1, 4))
    found: list[bytes] = []
    page = positions(aggregate, blocks, span, limit=size)
    while page:
        assert len(page) <= size
        found += page
        page = positions(aggregate, blocks, span, before=page[-1], limit=size)
    assert found == plain(aggregate, events, span.since, span.until).ids
