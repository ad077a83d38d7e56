"""Aggregates: one value of the events of a profile in a window, from columns, and which events made it so."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from operator import attrgetter
from typing import Any

from storage.engines import numbers
from storage.engines.columns import Columns
from storage.engines.filters import ParamFilter, mask_of
from storage.engines.numbers import Exact, Part, read_number
from storage.engines.reading import Slice, Tally, values_of
from storage.engines.splitting import Seen, groups_of
from storage.engines.windows import Span
from storage.store.errors import BadInputError
from storage.store.ids import EPOCH, time_of

MOST_VALUES = 1000
MILLISECOND = timedelta(milliseconds=1)
BEFORE_ALL, AFTER_ALL = b"", b"\xff" * 17  # compared with ids of 16 bytes
HALF = Exact(5, 1)


class Function(StrEnum):
    """What is computed of the values of a parameter (R57)."""

    EXISTS = "EXISTS"
    COUNT = "COUNT"
    FIRST_AT = "FIRST_AT"
    LAST_AT = "LAST_AT"
    SUM = "SUM"
    AVG = "AVG"
    MIN = "MIN"
    MAX = "MAX"
    FIRST = "FIRST"
    LAST = "LAST"
    FIRST_N = "FIRST_N"
    LAST_N = "LAST_N"
    DISTINCT_COUNT = "DISTINCT_COUNT"
    DISTINCT_LIST = "DISTINCT_LIST"
    TOP_N = "TOP_N"
    QUANTILE = "QUANTILE"
    MEDIAN = "MEDIAN"


OF_EVENTS = frozenset({Function.EXISTS, Function.COUNT, Function.FIRST_AT, Function.LAST_AT})
OF_NUMBERS = frozenset({Function.SUM, Function.AVG, Function.MIN, Function.MAX, Function.QUANTILE, Function.MEDIAN})
WITH_LIMIT = frozenset({Function.FIRST_N, Function.LAST_N, Function.TOP_N})


@dataclass(frozen=True)
class Aggregate:
    """A function of the events that have one of the actions and pass all filters.

    `limit` is the N of FIRST_N, LAST_N and TOP_N, and may be given for DISTINCT_LIST; `quantile` is the share of
    QUANTILE, from 0 to 1. `once` is a parameter: of the events that have the same value of it only the first counts.
    `split` is a parameter as well: a result tells of each of its values too. Raises `BadInputError` for one that lacks
    what its function needs.
    """

    function: Function
    actions: tuple[str, ...]
    param: str | None = None
    filters: tuple[ParamFilter, ...] = ()
    limit: int | None = None
    quantile: float | None = None
    once: str | None = None
    split: str | None = None

    def __post_init__(self) -> None:
        if not self.actions:
            raise BadInputError("An aggregate needs at least one action.")
        if self.param is None and self.function not in OF_EVENTS:
            raise BadInputError(f"{self.function} needs a parameter.")
        if self.limit is None and self.function in WITH_LIMIT:
            raise BadInputError(f"{self.function} needs a limit.")
        if self.limit is not None and not 1 <= self.limit <= MOST_VALUES:
            raise BadInputError(f"A limit is from 1 to {MOST_VALUES}.")
        if self.function is Function.QUANTILE and not (self.quantile is not None and 0 <= self.quantile <= 1):
            raise BadInputError("QUANTILE needs a share from 0 to 1.")


@dataclass(frozen=True, slots=True)
class Result:
    """A value, how many events passed the filters, and how many of these say nothing of it.

    Without data the value is zero for numbers, False for EXISTS, None for FIRST and LAST, and empty for lists (R56);
    `matched` and `skipped` tell whether there was any. `counts` says how often each value of TOP_N occurs; `groups` are
    the values that the events are split by, in the order in which they occurred first, each with its result; events
    that have none are under None. `exact` is a sum before a double is made of it.
    """

    value: Any
    matched: int
    skipped: int
    counts: tuple[int, ...] = ()
    groups: tuple[tuple[Any, "Result"], ...] = ()
    exact: Exact | None = field(default=None, compare=False)


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
    groups = (
        (value, result_of(aggregate, reached, parts)) for value, parts in groups_of(aggregate.split, found).values()
    )
    return replace(result, groups=tuple(groups))


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


def of_numbers(aggregate: Aggregate, parts: Sequence[Part], matched: int) -> Result:
    """Return the result of numbers, which are of events that matched."""
    count = sum(len(units) for units, _ in parts)
    exact = numbers.total(parts) if aggregate.function is Function.SUM else None
    value = numbers.told(exact) if exact else number_of(aggregate, parts, count) if count else 0
    return Result(value, matched, matched - count, exact=exact)


def number_of(aggregate: Aggregate, parts: Sequence[Part], count: int) -> int | float:
    match aggregate.function:
        case Function.AVG:
            units, scale = numbers.total(parts)
            return numbers.quotient(units, count * 10**scale)
        case Function.MIN:
            return numbers.told(numbers.least(parts))
        case Function.MAX:
            return numbers.told(numbers.greatest(parts))
        case Function.QUANTILE:
            return numbers.told(numbers.nearest_rank(parts, read_number(aggregate.quantile) or HALF))
        case _:
            return numbers.told(numbers.nearest_rank(parts, HALF))


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
