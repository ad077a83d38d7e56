"""Evaluation: the value of an aggregate over the columns of a profile, and which events made it so."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from operator import attrgetter
from typing import Any

from storage.engines.aggregates import MOST_VALUES, OF_EVENTS, OF_NUMBERS, Aggregate, Function, Result, of_numbers
from storage.engines.breakdowns import Groups
from storage.engines.columns import Columns
from storage.engines.filters import mask_of
from storage.engines.reading import Slice, Tally, values_of
from storage.engines.repeats import Seen
from storage.engines.windows import Span
from storage.store.ids import EPOCH, time_of

MILLISECOND = timedelta(milliseconds=1)
BEFORE_ALL, AFTER_ALL = b"", b"\xff" * 17  # compared with ids of 16 bytes


def evaluate(aggregate: Aggregate, blocks: Sequence[Columns], span: Span) -> Result:
    """Return the value over blocks that follow each other by ids, as one over all their events would be."""
    return in_range(aggregate, [block for block in blocks if len(block)], *id_range(span), Seen())


def series(aggregate: Aggregate, blocks: Sequence[Columns], boundaries: Sequence[datetime | None]) -> list[Result]:
    """Return the value of each bucket; there is one fewer than boundaries, of which the outer ones may be None."""
    return list(each_of(aggregate, blocks, boundaries))


def each_of(aggregate: Aggregate, blocks: Sequence[Columns], boundaries: Sequence[datetime | None]) -> Iterator[Result]:
    """Yield the value of one bucket after the other, so that others can work in between."""
    filled, seen = [block for block in blocks if len(block)], Seen()
    for since, until in pairwise(boundaries):
        yield in_range(aggregate, filled, *id_range(Span(since, until)), seen)


def positions(
    aggregate: Aggregate,
    blocks: Sequence[Columns],
    span: Span,
    *,
    before: bytes | None = None,
    limit: int | None = None,
) -> list[bytes]:
    """Return the ids of the events that the value is of, newest first: those matched, without those skipped.

    `before` is the last id of the page before; None is the first page.
    """
    least, beyond = id_range(span)
    if before is not None:
        beyond = min(beyond, before)
    found: list[bytes] = []
    reached = between([block for block in blocks if len(block)], least, beyond)
    if aggregate.once is None:
        told: Iterable[list[Slice]] = (slices_of(aggregate, block, least, beyond) for block in reversed(reached))
    else:
        seen = Seen()
        told = [seen.first_of(aggregate.once, slices_of(aggregate, block, least, beyond)) for block in reached][::-1]
    for block, slices in zip(reversed(reached), told, strict=False):
        if limit is not None and len(found) >= limit:
            break
        counted: list[int] = []
        for each in slices:
            if aggregate.function in OF_EVENTS:
                counted += each.all_positions()
            else:
                counted += each.positions(numeric=aggregate.function in OF_NUMBERS)
        found += map(block.id_at, sorted(counted, reverse=True))
    return found[:limit]


def id_range(span: Span) -> tuple[bytes, bytes]:
    """Return the least id of a span and the least one beyond it."""
    since = BEFORE_ALL if span.since is None else id_bound(span.since)
    return since, AFTER_ALL if span.until is None else id_bound(span.until)


def id_bound(at: datetime) -> bytes:
    """Return the least id that is not before an instant: events have whole milliseconds, instants may have more."""
    return max(0, -((EPOCH - at) // MILLISECOND)).to_bytes(6, "big")


def between(blocks: Sequence[Columns], least: bytes, beyond: bytes) -> Sequence[Columns]:
    """Return the blocks that have events in a range of ids."""
    start = bisect_left(blocks, least, key=attrgetter("last"))
    return blocks[start : bisect_left(blocks, beyond, lo=start, key=attrgetter("first"))]


def slices_of(aggregate: Aggregate, block: Columns, least: bytes, beyond: bytes) -> list[Slice]:
    """Return the rows of each action in a range of ids, where there are any."""
    slices = []
    start = block.position_of(least) if least > block.first else 0
    stop = block.position_of(beyond) if beyond <= block.last else len(block)
    for action in dict.fromkeys(aggregate.actions):
        group = block.groups.get(action)
        if group is None:
            continue
        first = bisect_left(group.positions, start) if start else 0
        last = bisect_left(group.positions, stop) if stop < len(block) else len(group)
        if first < last:
            column = () if aggregate.param is None else group.column(aggregate.param)
            slices.append(Slice(group, first, last, mask_of(aggregate.filters, group), column))
    return slices


def slices_between(
    aggregate: Aggregate, blocks: Sequence[Columns], least: bytes, beyond: bytes
) -> Iterator[list[Slice]]:
    """Yield for each block the rows of each action in a range of ids."""
    for block in between([block for block in blocks if len(block)], least, beyond):
        yield slices_of(aggregate, block, least, beyond)


def in_range(aggregate: Aggregate, blocks: Sequence[Columns], least: bytes, beyond: bytes, seen: Seen) -> Result:
    reached = between(blocks, least, beyond)
    found = [slices_of(aggregate, block, least, beyond) for block in reached]
    if aggregate.once is not None:
        found = [seen.first_of(aggregate.once, slices) for slices in found]
    result = result_of(aggregate, reached, found)
    if aggregate.split is None:
        return result
    groups = Groups(aggregate)
    for slices in found:
        groups.add(slices)
    return replace(result, groups=tuple((group.label, of_group) for group, of_group in groups.results()))


def result_of(aggregate: Aggregate, blocks: Sequence[Columns], found: Sequence[Sequence[Slice]]) -> Result:
    matched = sum(each.matched for slices in found for each in slices)
    if aggregate.function in OF_EVENTS:
        return Result(of_events(aggregate.function, blocks, found, matched), matched, 0)
    if aggregate.function in OF_NUMBERS:
        return of_numbers(aggregate, [part for slices in found for each in slices for part in each.numbers()], matched)
    skipped = matched - sum(each.present for slices in found for each in slices)
    if aggregate.function is Function.TOP_N:
        top = tally(found).most_common(aggregate.limit or MOST_VALUES)
        return Result([value for value, _ in top], matched, skipped, tuple(count for _, count in top))
    return Result(of_values(aggregate, found), matched, skipped)


def of_events(
    function: Function, blocks: Sequence[Columns], found: Sequence[Sequence[Slice]], matched: int
) -> bool | int | datetime | None:
    match function:
        case Function.EXISTS:
            return matched > 0
        case Function.COUNT:
            return matched
        case Function.FIRST_AT:
            firsts = (
                (block, [each.first for each in slices if each.matched])
                for block, slices in zip(blocks, found, strict=True)
            )
            return next((time_of(block.id_at(min(positions))) for block, positions in firsts if positions), None)
        case _:
            lasts = (
                (block, [each.last for each in slices if each.matched])
                for block, slices in zip(reversed(blocks), reversed(found), strict=True)
            )
            return next((time_of(block.id_at(max(positions))) for block, positions in lasts if positions), None)


def of_values(aggregate: Aggregate, blocks: Sequence[Sequence[Slice]]) -> Any:
    match aggregate.function:
        case Function.FIRST:
            return next(iter(first_values(blocks, 1)), None)
        case Function.LAST:
            return next(iter(last_values(blocks, 1)), None)
        case Function.FIRST_N:
            return first_values(blocks, aggregate.limit or MOST_VALUES)
        case Function.LAST_N:
            return last_values(blocks, aggregate.limit or MOST_VALUES)
        case Function.DISTINCT_COUNT:
            return len(tally(blocks).counts)
        case _:
            return list(tally(blocks).values.values())[: aggregate.limit]


def first_values(blocks: Sequence[Sequence[Slice]], limit: int) -> list[Any]:
    found: list[Any] = []
    for slices in blocks:
        if len(found) >= limit:
            break
        found += values_of(slices)
    return found[:limit]


def last_values(blocks: Sequence[Sequence[Slice]], limit: int) -> list[Any]:
    """Return the last values, newest first."""
    found: list[Any] = []
    for slices in reversed(blocks):
        if len(found) >= limit:
            break
        found += reversed(values_of(slices))
    return found[:limit]


def tally(blocks: Sequence[Sequence[Slice]]) -> Tally:
    found = Tally()
    for slices in blocks:
        found.add(slices)
    return found
