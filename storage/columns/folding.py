"""Folding: events of the journal that are not in the columns yet are added to them, each once and in its place."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from storage.engines.columns import Columns

MOST_EVENTS = 1_024
LARGEST = 512 * 1_024


@dataclass(frozen=True, slots=True)
class Block:
    """Columns of some events in a row. One that is stored has the `id` of its leaf, and may not be read yet."""

    columns: Columns | None
    count: int
    first: bytes
    last: bytes
    id: bytes | None = None


@dataclass(slots=True)
class Fold:
    """A profile's columns: `blocks` in the order of their events, then `open`, which has the newest.

    `dropped` are the leaves that other blocks have taken the place of.
    """

    seq: int = 0
    blocks: list[Block] = field(default_factory=list)
    open: Columns = field(default_factory=lambda: Columns.of([]))
    dropped: list[bytes] = field(default_factory=list)

    def places(self, events: Sequence[Any]) -> set[int]:
        """Return the places of the blocks that events belong into; late ones belong into earlier blocks."""
        return {place for event in events if (place := self.place_of(event["_id"])) < len(self.blocks)}

    def place_of(self, id: bytes) -> int:
        return bisect_left(self.blocks, id, key=lambda block: block.last)

    def add(self, events: Sequence[Any], *, seq: int) -> None:
        """Add events, up to the entry `seq`; the blocks that they belong into have been read."""
        late: dict[int, list[Any]] = {}
        newest = []
        for event in events:
            place = self.place_of(event["_id"])
            if place < len(self.blocks):
                late.setdefault(place, []).append(event)
            else:
                newest.append(event)
        for place in sorted(late, reverse=True):
            block = self.blocks[place]
            if block.columns is None:
                raise LookupError("A block has to be read before events are added to it.")
            if block.id is not None:
                self.dropped.append(block.id)
            self.blocks[place : place + 1] = map(block_of, cut(block.columns.merged(late[place])))
        if newest:
            *full, self.open = filled(self.open.merged(newest))
            self.blocks += map(block_of, full)
        self.seq = seq

    def within(self, since: bytes, until: bytes) -> Iterator[int]:
        """Yield the places of the blocks that may have events from id `since` to before `until`."""
        for place, block in enumerate(self.blocks):
            if block.last >= since and block.first < until:
                yield place


def block_of(columns: Columns) -> Block:
    return Block(columns, len(columns), columns.first, columns.last)


def read(block: Block, columns: Columns) -> Block:
    return replace(block, columns=columns)


def filled(columns: Columns) -> list[Columns]:
    """Return the newest columns as full ones, which nothing is added to but late events, and the rest."""
    starts = range(0, len(columns), MOST_EVENTS)
    return [each for start in starts for each in cut(columns.slice(start, start + MOST_EVENTS))]


def cut(columns: Columns) -> list[Columns]:
    """Return columns as they are while they are small enough, else in halves, and these again."""
    if len(columns) <= 1 or (len(columns) <= MOST_EVENTS and columns.size <= LARGEST):
        return [columns]
    middle = len(columns) // 2
    return [*cut(columns.slice(0, middle)), *cut(columns.slice(middle, len(columns)))]


