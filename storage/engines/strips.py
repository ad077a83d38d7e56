"""Strips: values of one type, of some events of one action, as bytes that are read where they lie."""

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import compress
from typing import Any

from storage.engines.numbers import Part, read_double, to_scale
from storage.engines.values import is_value

Document = dict[str, Any]


class StripKind(StrEnum):
    """How the values of a strip are held; their type comes back exactly."""

    INTEGERS = "INTEGERS"
    SCALED = "SCALED"  # doubles of at most 15 digits
    DOUBLES = "DOUBLES"  # other finite doubles, and -0.0
    TEXTS = "TEXTS"
    NULLS = "NULLS"
    REST = "REST"  # booleans, dates, lists, objects, NaN and infinities


CODES = {StripKind.INTEGERS: "q", StripKind.SCALED: "q", StripKind.DOUBLES: "d", StripKind.TEXTS: "H"}
NUMERIC = frozenset({StripKind.INTEGERS, StripKind.SCALED, StripKind.DOUBLES})


@dataclass(frozen=True)
class Strip:
    """Values and the rows that they are in, in order; `rows` is None where that is every row of the action.

    `texts` are the different ones; the values are their numbers then. `scale` is how many decimals SCALED ones have.
    """

    kind: StripKind
    rows: Sequence[int] | None
    values: Sequence[Any]
    scale: int = 0
    texts: Sequence[str] = ()

    def range(self, start: int, stop: int) -> tuple[int, int]:
        """Return which of the values are in the rows from `start` to before `stop`."""
        if self.rows is None:
            return start, stop
        return bisect_left(self.rows, start), bisect_left(self.rows, stop)

    def mask(self, mask: bytes, first: int, last: int) -> Iterable[int]:
        """Return for each of these values whether a mask over all rows has its row."""
        return mask[first:last] if self.rows is None else map(mask.__getitem__, self.rows[first:last])

    def taken(self, values: Sequence[Any], start: int, stop: int, mask: bytes | None) -> Sequence[Any]:
        """Return those of `values`, one for each value, that are in a range of rows and in the mask."""
        first, last = self.range(start, stop)
        cut = values[first:last]
        return cut if mask is None else list(compress(cut, self.mask(mask, first, last)))

    def rows_taken(self, start: int, stop: int, mask: bytes | None) -> Sequence[int]:
        """Return the rows of what `taken` returns."""
        first, last = self.range(start, stop)
        rows = range(first, last) if self.rows is None else self.rows[first:last]
        return rows if mask is None else list(compress(rows, self.mask(mask, first, last)))

    def count(self, start: int, stop: int, mask: bytes | None) -> int:
        """Return how many values `taken` returns that are neither null nor NaN."""
        if self.kind is StripKind.NULLS:
            return 0
        if self.kind is StripKind.REST:
            return sum(map(is_value, self.taken(self.values, start, stop, mask)))
        first, last = self.range(start, stop)
        if mask is None:
            return last - first
        return mask.count(1, first, last) if self.rows is None else sum(self.mask(mask, first, last))

    @cached_property
    def numbers(self) -> Part:
        """What the values are as exact numbers; there is none where they are not numeric."""
        if self.kind is not StripKind.DOUBLES:
            return (self.values, self.scale) if self.kind in NUMERIC else ((), 0)
        read = [read_double(value) for value in self.values]
        common = max((number.scale for number in read), default=0)
        return [to_scale(number, common) for number in read], common

    def decoded(self, values: Iterable[Any]) -> list[Any]:
        """Return what such values stand for."""
        match self.kind:
            case StripKind.TEXTS:
                return [self.texts[code] for code in values]
            case StripKind.NULLS:
                return [None for _ in values]
            case StripKind.SCALED:
                power = 10**self.scale
                return [value / power for value in values]
            case _:
                return list(values)

    def document(self) -> Document:
        """Return what the database holds: bytes in little-endian order, and only what there is."""
        document: Document = {"kind": self.kind.value}
        if self.rows is not None:
            document["rows"] = packed("H", self.rows)
        if self.kind in CODES:
            document["values"] = packed(CODES[self.kind], self.values)
        elif self.kind is StripKind.REST:
            document["values"] = list(self.values)
        if self.kind is StripKind.SCALED:
            document["scale"] = self.scale
        if self.kind is StripKind.TEXTS:
            document["texts"] = list(self.texts)
        return document

    @classmethod
    def read(cls, document: Document, count: int) -> "Strip":
        """Return the strip of a document, which is of an action of `count` events."""
        kind = StripKind(document["kind"])
        rows = unpacked("H", document["rows"]) if "rows" in document else None
        values = document.get("values", ())
        if kind is StripKind.NULLS:
            values = range(count if rows is None else len(rows))
        elif kind in CODES:
            values = unpacked(CODES[kind], values)
        return cls(kind, rows, values, document.get("scale", 0), document.get("texts", ()))


def packed(code: str, values: Sequence[Any]) -> bytes:
    if isinstance(values, memoryview) and sys.byteorder == "little":
        return values.tobytes()
    numbers = array(code, values)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def unpacked(code: str, data: bytes) -> Sequence[Any]:
    """Return the numbers in place, without an object for each."""
    if sys.byteorder == "little":
        return memoryview(data).cast(code)  # type: ignore[call-overload,no-any-return]  # the code is no literal here
    numbers = array(code, data)
    numbers.byteswap()
    return memoryview(numbers)


def held(code: str, *pieces: Iterable[Any]) -> Sequence[Any]:
    """Return numbers as `unpacked` does, those of all pieces in turn."""
    numbers = array(code)
    for piece in pieces:
        if isinstance(piece, memoryview):
            numbers.frombytes(piece.tobytes())
        else:
            numbers.extend(piece)
    return memoryview(numbers)
