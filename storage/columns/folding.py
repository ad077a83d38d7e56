"""Folding: events of the journal that are not in the columns yet are added to them, each once and in its place."""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from storage.engines.columns import MOST_BYTES, MOST_EVENTS, Columns


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

    `dropped` are the leaves that other blocks have taken the place of; `gen` is that of the head it came from.
    """

    seq: int = 0
    gen: int = 0
    blocks: list[Block] = field(default_factory=list)
    open: Columns = field(default_factory=lambda: Columns.of([]))
    dropped: list[bytes] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many events these are."""
        return sum(block.count for block in self.blocks) + len(self.open)

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
            self.blocks[place : place + 1] = map(block_of, rewritten(block.columns.merged(late[place])))
        if newest:
            *full, self.open = self.open.merged(newest).parts()
            self.blocks += map(block_of, full)
        self.seq = seq

    def remove(self, ids: Collection[bytes], *, seq: int) -> None:
        """Remove events that came after the entry `seq`; the blocks that they are in have been read."""
        for place in sorted({self.place_of(id) for id in ids}, reverse=True):
            if place == len(self.blocks):
                self.open = without(self.open, ids)
            elif (columns := self.blocks[place].columns) is not None:
                kept = without(columns, ids)
                self.blocks[place : place + 1] = [block_of(kept)] if len(kept) else []
        self.seq = seq

    def release(self) -> None:
        """Let go of what can be read again."""
        self.blocks = [replace(block, columns=None) if block.id is not None else block for block in self.blocks]

    def within(self, since: bytes, until: bytes) -> Iterator[int]:
        """Yield the places of the blocks that may have events from id `since` to before `until`."""
        for place, block in enumerate(self.blocks):
            if block.last >= since and block.first < until:
                yield place


def block_of(columns: Columns) -> Block:
    return Block(columns, len(columns), columns.first, columns.last)


def without(columns: Columns, ids: Collection[bytes]) -> Columns:
    return Columns.of(event for event in columns.events() if event["_id"] not in ids)


def read(block: Block, columns: Columns) -> Block:
    return replace(block, columns=columns)


def rewritten(columns: Columns) -> list[Columns]:
    """Return a block that late events came into: as it is, until it has twice the size of a new one."""
    large = len(columns) > 2 * MOST_EVENTS or columns.size > 2 * MOST_BYTES
    return columns.parts() if large else [columns]
