"""Reading from a block what an aggregate counts: rows of its actions, and what these have of a parameter."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from storage.engines.groups import Column, Group
from storage.engines.numbers import Part, reduced
from storage.engines.strips import NUMERIC, Strip, StripKind
from storage.engines.values import is_value, key_of

COUNTED = frozenset({StripKind.TEXTS, StripKind.INTEGERS, StripKind.SCALED})  # without looking at each value


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of one action of a block, from `start` to before `stop` where the mask allows, and the column to read."""

    group: Group
    start: int
    stop: int
    mask: bytes | None
    column: Column

    @property
    def matched(self) -> int:
        return self.stop - self.start if self.mask is None else self.mask.count(1, self.start, self.stop)

    @property
    def first(self) -> int:
        """The position of the first row, where there is any."""
        return self.group.positions[self.start if self.mask is None else self.mask.index(1, self.start, self.stop)]

    @property
    def last(self) -> int:
        """The position of the last row, where there is any."""
        row = self.stop - 1 if self.mask is None else self.mask.rindex(1, self.start, self.stop)
        return self.group.positions[row]

    @property
    def rows(self) -> Iterator[int]:
        return (row for row in range(self.start, self.stop) if self.mask is None or self.mask[row])

    @property
    def present(self) -> int:
        """How many of the rows have a value, numeric or not."""
        return sum(strip.count(self.start, self.stop, self.mask) for strip in self.column)

    def taken(self, strip: Strip) -> Sequence[Any]:
        return strip.taken(strip.values, self.start, self.stop, self.mask)

    def numbers(self) -> Iterator[Part]:
        """Yield the numbers of the rows, in no order that matters."""
        for strip in self.column:
            if strip.kind in NUMERIC:
                units, scale = strip.numbers
                yield strip.taken(units, self.start, self.stop, self.mask), scale

    def valued(self, strip: Strip) -> Iterator[tuple[int, Any]]:
        """Yield the positions and values of a strip, without null and NaN."""
        rows = strip.rows_taken(self.start, self.stop, self.mask)
        for row, value in zip(rows, strip.decoded(self.taken(strip)), strict=True):
            if is_value(value):
                yield self.group.positions[row], value

    def positions(self, *, numeric: bool) -> list[int]:
        """Return the positions of the rows that have a value, or a number."""
        positions = self.group.positions
        found: list[int] = []
        for strip in self.column:
            if strip.kind is StripKind.REST and not numeric:
                found += [position for position, _ in self.valued(strip)]
            elif strip.kind in NUMERIC or (strip.kind is StripKind.TEXTS and not numeric):
                found += [positions[row] for row in strip.rows_taken(self.start, self.stop, self.mask)]
        return found

    def all_positions(self) -> list[int]:
        return [self.group.positions[row] for row in self.rows]

    def keyed(self, param: str) -> dict[int, tuple[Hashable, Any]]:
        """Return the rows that have a value of a parameter, each with what is equal for equal values, and the value."""
        return {
            row: (key_of(value), value)
            for strip in self.group.column(param)
            for row, value in zip(
                strip.rows_taken(self.start, self.stop, self.mask), strip.decoded(self.taken(strip)), strict=True
            )
            if is_value(value)
        }

    def only(self, rows: Iterable[int]) -> "Slice":
        """Return the slice with these of its rows."""
        mask = bytearray(len(self.group))
        for row in rows:
            mask[row] = 1
        return replace(self, mask=bytes(mask))


def values_of(slices: Sequence[Slice]) -> list[Any]:
    """Return the values of the slices of one block, in the order of events."""
    strips = [(each, strip) for each in slices for strip in each.column if strip.kind is not StripKind.NULLS]
    if len(strips) == 1:
        [(each, strip)] = strips
        return list(filter(is_value, strip.decoded(each.taken(strip))))
    valued = [pair for each, strip in strips for pair in each.valued(strip)]
    valued.sort(key=lambda pair: pair[0])
    return [value for _, value in valued]


class Tally:
    """How often each value occurs, in the order in which they occurred first."""

    def __init__(self) -> None:
        self.counts: dict[Hashable, int] = {}
        self.values: dict[Hashable, Any] = {}

    def add(self, slices: Sequence[Slice]) -> None:
        """Count the values of the next block."""
        strips = [(each, strip) for each in slices for strip in each.column if strip.kind is not StripKind.NULLS]
        if len(strips) == 1 and strips[0][1].kind in COUNTED:
            self.add_strip(*strips[0])
        else:
            for value in values_of(slices):
                self.add_value(key_of(value), value, 1)

    def add_strip(self, slice: Slice, strip: Strip) -> None:
        counts = Counter(slice.taken(strip))
        for value, (held, count) in zip(strip.decoded(counts), counts.items(), strict=True):
            self.add_value(value if strip.kind is StripKind.TEXTS else reduced(held, strip.scale), value, count)

    def add_value(self, key: Hashable, value: Any, count: int) -> None:
        if key in self.counts:
            self.counts[key] += count
        else:
            self.counts[key], self.values[key] = count, value

    def most_common(self, limit: int) -> list[tuple[Any, int]]:
        """Return the most frequent values with their counts; of equally frequent ones, the first to occur first."""
        keys = sorted(self.counts, key=self.counts.__getitem__, reverse=True)[:limit]
        return [(self.values[key], self.counts[key]) for key in keys]
