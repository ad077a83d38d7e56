"""Exact numbers: sums that depend neither on the order nor on how events are cut, and that equal MongoDB's decimals."""

import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

SMALLEST_INTEGER, LARGEST_INTEGER = -(2**63), 2**63 - 1
DIGITS = 15
LEAST_OF_MORE_DIGITS = 10**DIGITS


class Exact(NamedTuple):
    """`units` divided by ten to the power of `scale`, which is the least that will do and never negative."""

    units: int
    scale: int


# Numbers that share a scale, in no order that matters.
Part = tuple[Sequence[int], int]


def read_number(value: Any) -> Exact | None:
    """Return the number that a value is, or None: booleans, texts, NaN and infinities are none.

    A double is what its first 15 significant digits say, so that 0.1 is a tenth; an integer is all of its digits.
    """
    if isinstance(value, float):
        return read_double(value) if math.isfinite(value) else None
    return Exact(int(value), 0) if isinstance(value, int) and not isinstance(value, bool) else None


def read_double(value: float) -> Exact:
    """Return what a finite double is by its 15 significant digits."""
    mantissa, exponent = f"{value:.{DIGITS - 1}e}".split("e")
    whole, decimals = mantissa.split(".")
    decimals = decimals.rstrip("0")
    units, scale = int(whole + decimals), len(decimals) - int(exponent)
    if units == 0:
        return Exact(0, 0)
    return Exact(units, scale) if scale >= 0 else Exact(units * 10**-scale, 0)


def to_scale(number: Exact, scale: int) -> int:
    """Return the units of the number at a scale that is not less than its own."""
    factor: int = 10 ** (scale - number.scale)
    return number.units * factor


def reduced(units: int, scale: int) -> Exact:
    """Return the number at the least scale, so that equal numbers are equal tuples."""
    while scale and units % 10 == 0:
        units, scale = units // 10, scale - 1
    return Exact(units, scale)


def quotient(numerator: int, denominator: int) -> int | float:
    """Return what is told: an integer that 64 bits hold as such, anything else as the nearest double, always finite."""
    whole, rest = divmod(numerator, denominator)
    if rest == 0 and SMALLEST_INTEGER <= whole <= LARGEST_INTEGER:
        return whole
    try:
        return numerator / denominator
    except OverflowError:
        return sys.float_info.max if numerator > 0 else -sys.float_info.max


def told(number: Exact) -> int | float:
    return quotient(number.units, 10**number.scale)


def total(parts: Iterable[Part]) -> Exact:
    """Return the sum of all numbers."""
    sums: dict[int, int] = {}
    for units, scale in parts:
        sums[scale] = sums.get(scale, 0) + sum(units)
    common = max(sums, default=0)
    return Exact(sum(units * 10 ** (common - scale) for scale, units in sums.items()), common)


def ordered(parts: Sequence[Part]) -> tuple[list[int], int]:
    """Return all numbers from the least on, at the scale that they share."""
    common = max((scale for _, scale in parts), default=0)
    numbers: list[int] = []
    for units, scale in parts:
        factor = 10 ** (common - scale)
        numbers += units if factor == 1 else [unit * factor for unit in units]
    numbers.sort()
    return numbers, common


def least(parts: Iterable[Part]) -> Exact:
    """Return the least number; there has to be one."""
    return extreme((Exact(min(units), scale) for units, scale in parts if len(units)), sign=1)


def greatest(parts: Iterable[Part]) -> Exact:
    """Return the greatest number; there has to be one."""
    return extreme((Exact(max(units), scale) for units, scale in parts if len(units)), sign=-1)


def extreme(numbers: Iterator[Exact], *, sign: int) -> Exact:
    found = next(numbers)
    for number in numbers:
        if sign * number.units * 10**found.scale < sign * found.units * 10**number.scale:
            found = number
    return found


def nearest_rank(parts: Sequence[Part], quantile: Exact) -> Exact:
    """Return the least number that at least this share of all numbers does not exceed; of 0, the least of all."""
    numbers, scale = ordered(parts)
    rank = -(-quantile.units * len(numbers) // 10**quantile.scale)  # a product of doubles could round to the next rank
    return Exact(numbers[max(rank, 1) - 1], scale)
