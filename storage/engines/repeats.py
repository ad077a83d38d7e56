"""Repeats: rows whose value of a parameter has occurred before, so that only the first of each counts."""

from collections.abc import Hashable, Sequence

from storage.engines.reading import Slice
from storage.store.errors import BadInputError

MOST_DIFFERENT = 100_000


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


def check(number: int, most: int, param: str) -> None:
    if number > most:
        message = f"{param!r} has more than {most:,} different values in this window; choose a shorter one, or filters."
        raise BadInputError(message)
