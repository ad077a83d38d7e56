"""The events of one action within a block: which they are, and a column for each of their parameters."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from storage.engines.encoding import strips_of
from storage.engines.strips import Document, Strip, held

Column = Sequence[Strip]


class Group:
    """Positions of the events of one action among all events of the block, and a column for each parameter.

    A row is the number of an event among those of its action. Columns are read when they are asked for.
    """

    def __init__(
        self, positions: Sequence[int], columns: Mapping[str, Column], unread: Mapping[str, Sequence[Document]]
    ) -> None:
        self.positions = positions
        self.masks: dict[Hashable, bytes] = {}  # rows that pass filters: the analyses of a profile have many in common
        self._columns = dict(columns)
        self._unread = dict(unread)

    @classmethod
    def of(cls, positions: Sequence[int], params: Sequence[Mapping[str, Any]]) -> "Group":
        rows: defaultdict[str, list[int]] = defaultdict(list)
        values: defaultdict[str, list[Any]] = defaultdict(list)
        for row, event in enumerate(params):
            for name, value in event.items():
                rows[name].append(row)
                values[name].append(value)
        columns = {name: strips_of(rows[name], values[name], len(positions)) for name in rows}
        return cls(held("H", positions), columns, {})

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def names(self) -> Iterable[str]:
        return [*self._columns, *self._unread]

    def row_of(self, position: int) -> int:
        """Return which row an event of this action is, by its position."""
        return bisect_left(self.positions, position)

    def column(self, name: str) -> Column:
        """Return the strips of a parameter; none where no event has it."""
        if name in self._unread:
            self._columns[name] = [Strip.read(strip, len(self)) for strip in self._unread.pop(name)]
        return self._columns.get(name, ())

    def at(self, positions: Sequence[int]) -> "Group":
        """Return the same events at other positions of another block."""
        return Group(positions, self._columns, self._unread)

    def document(self) -> list[Document]:
        read = ((name, [strip.document() for strip in strips]) for name, strips in self._columns.items())
        return [{"name": name, "strips": strips} for name, strips in (*read, *self._unread.items())]
