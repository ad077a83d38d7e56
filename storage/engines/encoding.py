"""Encoding of values as strips, and joining strips, such that each value comes back as it was, in its type."""

import math
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from storage.engines.numbers import LARGEST_INTEGER, SMALLEST_INTEGER, read_double, to_scale
from storage.engines.strips import CODES, Strip, StripKind, held

CENTS = 2  # decimals of most amounts: tried for all at once before each number is looked at
MOST_DECIMALS = 15
BOUND = 10**15
Sorted = dict[StripKind, tuple[list[int], list[Any]]]


def strips_of(rows: Sequence[int], values: Sequence[Any], count: int) -> list[Strip]:
    """Return the strips of values, which are in these rows of an action of `count` events."""
    types = set(map(type, values))
    if types == {str}:
        return [strip_of(StripKind.TEXTS, rows, values, count)]
    if types == {float} and (units := cents(values)) is not None:
        return [strip_of(StripKind.SCALED, rows, units, count, scale=CENTS)]
    kinds: Sorted = {}
    for row, value in zip(rows, values, strict=True):
        add(kinds, kind_of(value), row, value)
    doubles = kinds.pop(StripKind.DOUBLES, None)
    scale = 0 if doubles is None else divide(kinds, *doubles)
    return [strip_of(kind, *found, count, scale=scale) for kind, found in kinds.items()]


def add(kinds: Sorted, kind: StripKind, row: int, value: Any) -> None:
    rows, values = kinds.setdefault(kind, ([], []))
    rows.append(row)
    values.append(value)


def kind_of(value: Any) -> StripKind:
    """Return where a value belongs; a double is SCALED if that gives it back, which `divide` finds."""
    match value:
        case None:
            return StripKind.NULLS
        case str():
            return StripKind.TEXTS
        case float() if math.isfinite(value):
            return StripKind.DOUBLES
        case int() if not isinstance(value, bool) and SMALLEST_INTEGER <= value <= LARGEST_INTEGER:
            return StripKind.INTEGERS
        case _:
            return StripKind.REST


def cents(values: Sequence[float]) -> list[int] | None:
    """Return the doubles as hundredths, or None if one of them would not come back."""
    try:
        units = [round(value * 100) for value in values]
    except (OverflowError, ValueError):  # infinities and NaN
        return None
    for unit, value in zip(units, values, strict=True):
        if unit / 100 != value or not -BOUND < unit < BOUND or (unit == 0 and math.copysign(1, value) < 0):
            return None
    return units


def divide(kinds: Sorted, rows: Sequence[int], values: Sequence[float]) -> int:
    """Sort doubles into those that an integer gives back at a scale that they share, which is returned, and others."""
    read = [read_double(value) for value in values]
    exact = [comes_back(value, *number) for value, number in zip(values, read, strict=True)]
    scale = max((number.scale for number, is_exact in zip(read, exact, strict=True) if is_exact), default=0)
    for row, value, number, is_exact in zip(rows, values, read, exact, strict=True):
        units = to_scale(number, scale) if is_exact else None
        if units is not None and SMALLEST_INTEGER <= units <= LARGEST_INTEGER:
            add(kinds, StripKind.SCALED, row, units)
        else:
            add(kinds, StripKind.DOUBLES, row, value)
    return scale


def comes_back(value: float, units: int, scale: int) -> bool:
    if scale > MOST_DECIMALS or not -BOUND < units < BOUND:
        return False
    return units / 10**scale == value and (units != 0 or math.copysign(1, value) > 0)


def strip_of(kind: StripKind, rows: Sequence[int], values: Sequence[Any], count: int, *, scale: int = 0) -> Strip:
    where = None if len(rows) == count else held("H", rows)
    if kind is StripKind.TEXTS:
        codes = {text: code for code, text in enumerate(dict.fromkeys(values))}
        return Strip(kind, where, held("H", map(codes.__getitem__, values)), texts=list(codes))
    if kind is StripKind.NULLS:
        return Strip(kind, where, range(len(rows)))
    if kind in CODES:
        return Strip(kind, where, held(CODES[kind], values), scale if kind is StripKind.SCALED else 0)
    return Strip(kind, where, list(values))


def joined(one: Strip, other: Strip, count: int) -> Strip | None:
    """Return the strip of both, whose rows are already those of an action of `count` events.

    None where two scales have no common one that 64 bits allow: the values have to be encoded anew.
    """
    scale = max(one.scale, other.scale)
    texts, added = all_texts(one, other) if one.kind is StripKind.TEXTS else ((), at(other, scale))
    rows: list[Iterable[int]] = [rows_of(one), rows_of(other)]
    values: list[Iterable[Any]] = [at(one, scale), added]
    if last(one) > first(other):
        everywhere = list(chain(*rows))
        order = sorted(range(len(everywhere)), key=everywhere.__getitem__)
        rows, values = [map(everywhere.__getitem__, order)], [map(list(chain(*values)).__getitem__, order)]
    where = None if len(one.values) + len(other.values) == count else held("H", *rows)
    if one.kind is StripKind.NULLS:
        return Strip(one.kind, where, range(len(one.values) + len(other.values)))
    if one.kind is StripKind.REST:
        return Strip(one.kind, where, list(chain(*values)))
    try:
        return Strip(one.kind, where, held(CODES[one.kind], *values), scale, texts)
    except OverflowError:
        return None


def first(strip: Strip) -> int:
    return 0 if strip.rows is None else strip.rows[0]


def last(strip: Strip) -> int:
    return (range(len(strip.values)) if strip.rows is None else strip.rows)[-1]


def rows_of(strip: Strip) -> Iterable[int]:
    return range(len(strip.values)) if strip.rows is None else strip.rows


def at(strip: Strip, scale: int) -> Iterable[Any]:
    factor = 10 ** (scale - strip.scale)
    return strip.values if factor == 1 else [value * factor for value in strip.values]


def all_texts(one: Strip, other: Strip) -> tuple[Sequence[str], Iterable[int]]:
    """Return the texts of both strips, those of the first in their places, and the numbers of the other's values."""
    codes = {text: code for code, text in enumerate(one.texts)}
    renumbered = [codes.setdefault(text, len(codes)) for text in other.texts]
    return list(codes), map(renumbered.__getitem__, other.values)


def placed(strip: Strip, rows: Sequence[int], count: int) -> Strip:
    """Return the strip in an action of `count` events, in which its row n is the row `rows[n]`."""
    if strip.rows is None and len(rows) == count:
        return strip
    if strip.rows is not None and rows[:count] == range(len(rows)):
        return strip
    where = rows if strip.rows is None else map(rows.__getitem__, strip.rows)
    return Strip(strip.kind, held("H", where), strip.values, strip.scale, strip.texts)
