"""Rows told apart by the value that they have of a parameter: only the first of each, or each by itself."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Any

from storage.engines.reading import Slice
from storage.store.errors import BadInputError

MOST_DIFFERENT = 100_000
MOST_GROUPS = 10_000
NONE: Hashable = ("none",)
Groups = dict[Hashable, tuple[Any, list[list[Slice]]]]


class Seen:
    """The values that occurred so far, as blocks follow each other."""

    def __init__(self) -> None:
        self._keys: set[Hashable] = set()

    def first_of(self, param: str, slices: Sequence[Slice]) -> list[Slice]:
        """Return the slices of the next block with the first row of each value alone; rows without one all stay.

        Raises `BadInputError` where there are too many different values to remember.
        """
        keyed = [each.keyed(param) for each in slices]
        rows = sorted((each.group.positions[row], place, row) for place, each in enumerate(slices) for row in each.rows)
        kept: list[list[int]] = [[] for _ in slices]
        for _, place, row in rows:
            if row in keyed[place]:
                key, _ = keyed[place][row]
                if key in self._keys:
                    continue
                self._keys.add(key)
            kept[place].append(row)
        check(len(self._keys), MOST_DIFFERENT, param)
        return [each.only(rows) for each, rows in zip(slices, kept, strict=True)]


def groups_of(param: str, blocks: Sequence[Sequence[Slice]]) -> Groups:
    """Return the slices of each block for each value, in the order of their first events; None for those without.

    Raises `BadInputError` for too many of them.
    """
    found: Groups = {}
    for number, slices in enumerate(blocks):
        rows: defaultdict[Hashable, list[list[int]]] = defaultdict(lambda: [[] for _ in slices])  # noqa: B023
        values: dict[Hashable, Any] = {}
        firsts: dict[Hashable, int] = {}
        for place, each in enumerate(slices):
            keyed = each.keyed(param)
            for row in each.rows:
                key, value = keyed.get(row, (NONE, None))
                rows[key][place].append(row)
                values.setdefault(key, value)
                position = each.group.positions[row]
                firsts[key] = min(firsts.get(key, position), position)
        for key in sorted(firsts, key=firsts.__getitem__):
            if key not in found:
                check(len(found) + 1, MOST_GROUPS, param)
                found[key] = (values[key], [[] for _ in blocks])
            found[key][1][number] = [
                each.only(rows_of) for each, rows_of in zip(slices, rows[key], strict=True) if rows_of
            ]
    return found


def check(number: int, most: int, param: str) -> None:
    if number > most:
        message = f"{param!r} has more than {most:,} different values in this window; choose a shorter one, or filters."
        raise BadInputError(message)
