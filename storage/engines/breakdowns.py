"""Breakdowns: an aggregate for each value of a parameter, the greatest first, and for the rest together.

Events are added block by block, and a group remembers of them what its value needs, so that many groups take little.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from storage.engines.aggregates import OF_NUMBERS, Aggregate, Function, Result, of_numbers
from storage.engines.reading import Slice
from storage.engines.repeats import check
from storage.engines.strips import NUMERIC

MOST_GROUPS = 10_000
NONE: Hashable = ("none",)  # the key of events that do not have the parameter


@dataclass(slots=True)
class Group:
    """The events that have one value of the parameter: how many, their numbers by scale, and their different values."""

    label: Any
    first: tuple[int, int]
    matched: int = 0
    present: int = 0
    units: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    different: set[Hashable] = field(default_factory=set)


class Groups:
    """The groups of an aggregate that is split by a parameter; events without it are one as well, under None."""

    def __init__(self, aggregate: Aggregate) -> None:
        self._aggregate = aggregate
        self._groups: dict[Hashable, Group] = {}
        self._blocks = 0

    def add(self, slices: Sequence[Slice]) -> None:
        """Add the events of the next block; raises `BadInputError` where there are too many different values."""
        for each in slices:
            keyed = each.keyed(self._aggregate.split or "")
            groups = {row: self._group(each, row, *keyed.get(row, (NONE, None))) for row in each.rows}
            if self._aggregate.function in OF_NUMBERS:
                add_numbers(each, groups)
            elif self._aggregate.function is Function.DISTINCT_COUNT:
                for row, (key, _) in each.keyed(self._aggregate.param or "").items():
                    groups[row].different.add(key)
                    groups[row].present += 1
        self._blocks += 1
        check(len(self._groups), MOST_GROUPS, self._aggregate.split or "")

    def _group(self, slice: Slice, row: int, key: Hashable, label: Any) -> Group:
        at = (self._blocks, slice.group.positions[row])
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group(label, at)
        elif at < group.first:
            group.first, group.label = at, label
        group.matched += 1
        return group

    def results(self) -> Iterator[tuple[Group, Result]]:
        """Yield the groups in the order in which they occurred first, each with its result."""
        for group in sorted(self._groups.values(), key=lambda group: group.first):
            yield group, result_of(self._aggregate, [group])

    def result(self, told: Sequence[tuple[Group, Result]], most: int) -> Result:
        """Return the greatest of all groups, of equal ones the first to occur; `value` is that of the rest."""
        ranked = sorted(told, key=lambda each: each[1].value, reverse=True)
        shown = tuple((group.label, result) for group, result in ranked[:most])
        rest = result_of(self._aggregate, [group for group, _ in ranked[most:]]) if ranked[most:] else None
        matched = sum(each.matched for _, each in told)
        return Result(rest and rest.value, matched, sum(each.skipped for _, each in told), groups=shown)


def add_numbers(slice: Slice, groups: dict[int, Group]) -> None:
    for strip in slice.column:
        if strip.kind in NUMERIC:
            units, scale = strip.numbers
            rows = strip.rows_taken(slice.start, slice.stop, slice.mask)
            for row, number in zip(rows, strip.taken(units, slice.start, slice.stop, slice.mask), strict=True):
                groups[row].units[scale].append(number)


def result_of(aggregate: Aggregate, groups: Iterable[Group]) -> Result:
    """Return the result over all events of some groups."""
    groups = list(groups)
    matched = sum(group.matched for group in groups)
    if aggregate.function is Function.COUNT:
        return Result(matched, matched, 0)
    if aggregate.function is Function.DISTINCT_COUNT:
        different = set().union(*(group.different for group in groups))
        return Result(len(different), matched, matched - sum(group.present for group in groups))
    parts = [(units, scale) for group in groups for scale, units in group.units.items()]
    return of_numbers(aggregate, parts, matched)
