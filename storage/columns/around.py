"""The events around the bounds of a window: what is to pass before it has other ones."""

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter

from storage.columns.folding import Block, Fold, block_of
from storage.engines.columns import Columns
from storage.engines.evaluation import id_range
from storage.engines.groups import Group
from storage.engines.holding import Around, Held
from storage.engines.windows import Span


def held_by(fold: Fold, actions: Sequence[str], span: Span) -> Held:
    """Return which events of some actions are around the bounds of a span, whose blocks have been read."""
    least, beyond = id_range(span)
    return Held(around(fold, actions, least), around(fold, actions, beyond))


def around(fold: Fold, actions: Sequence[str], bound: bytes) -> Around:
    blocks = [*fold.blocks, *([block_of(fold.open)] if len(fold.open) else [])]
    place = bisect_left(blocks, bound, key=attrgetter("last"))
    before = (last_before(block, actions, bound) for block in reversed(blocks[: place + 1]))
    after = (first_from(block, actions, bound) for block in blocks[place:])
    return Around(next(filter(None, before), None), next(filter(None, after), None))


def last_before(block: Block, actions: Sequence[str], bound: bytes) -> bytes | None:
    """Return the id of the last event of the actions before a bound; of a block that is not read, of any action."""
    if block.columns is None:
        return block.last if block.last < bound else None
    columns, places = block.columns, rows_before(block.columns, actions, bound)
    last = max((group.positions[row - 1] for group, row in places if row), default=None)
    return None if last is None else columns.id_at(last)


def first_from(block: Block, actions: Sequence[str], bound: bytes) -> bytes | None:
    """Return the id of the first event of the actions from a bound on, likewise."""
    if block.columns is None:
        return block.first if block.first >= bound else None
    columns, places = block.columns, rows_before(block.columns, actions, bound)
    first = min((group.positions[row] for group, row in places if row < len(group)), default=None)
    return None if first is None else columns.id_at(first)


def rows_before(columns: Columns, actions: Sequence[str], bound: bytes) -> list[tuple[Group, int]]:
    """Return for each of the actions its events, and how many of them are before a bound."""
    position = columns.position_of(bound)
    groups = (columns.groups[action] for action in dict.fromkeys(actions) if action in columns.groups)
    return [(group, bisect_left(group.positions, position)) for group in groups]
