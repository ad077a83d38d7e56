"""Filters on parameters, tested on whole columns: once for each different text, with integers for numbers."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from operator import and_
from typing import Any

from storage.engines.groups import Group
from storage.engines.numbers import Exact, read_number, reduced, to_scale
from storage.engines.strips import NUMERIC, Strip, StripKind
from storage.engines.values import compared, key_of
from storage.store.errors import BadInputError

MOST_MASKS = 64
OTHERS = bytes((1, 0, *range(2, 256)))  # turns a mask around


class ParamComparison(StrEnum):
    """How a parameter is compared. One that is missing is null.

    Of a list, EQ, IN, CONTAINS and those with an order want one item for which they hold; NE wants none that is equal.
    EQ and IN compare the list as a whole as well. CONTAINS is of a text a part of it, with its case, of a list an item.
    """

    EQ = "EQ"
    NE = "NE"
    LT = "LT"
    LTE = "LTE"
    GT = "GT"
    GTE = "GTE"
    EXISTS = "EXISTS"
    NOT_EXISTS = "NOT_EXISTS"
    CONTAINS = "CONTAINS"
    IN = "IN"


OPPOSITES = {ParamComparison.NE: ParamComparison.EQ, ParamComparison.NOT_EXISTS: ParamComparison.EXISTS}
# Which results of `compared` will do.
ORDERS = {
    ParamComparison.LT: (-1,),
    ParamComparison.LTE: (-1, 0),
    ParamComparison.GT: (1,),
    ParamComparison.GTE: (0, 1),
}


@dataclass(frozen=True, eq=False)
class ParamFilter:
    """One comparison of one parameter; `value` is unused by EXISTS and NOT_EXISTS, and a list for IN.

    Numbers are compared exactly, doubles by their 15 digits; texts by code points; nothing with another type. Raises
    `BadInputError` for a value that the comparison can't have.
    """

    param: str
    comparison: ParamComparison
    value: Any = None

    def __post_init__(self) -> None:
        if self.comparison in ORDERS and not has_order(self.value):
            raise BadInputError(f"The comparison {self.comparison} needs a number, a text or a date.")
        if self.comparison is ParamComparison.IN and not isinstance(self.value, list | tuple):
            raise BadInputError("The comparison IN needs a list of values.")
        if self.comparison is ParamComparison.CONTAINS and self.value is None:
            raise BadInputError("The comparison CONTAINS needs a value.")

    @cached_property
    def key(self) -> Hashable:
        """What filters of the same meaning share; `1` and `true` are equal to Python and not to this."""
        return self.param, self.comparison, key_of(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ParamFilter) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @cached_property
    def wanted(self) -> frozenset[Hashable]:
        """The keys of the values of EQ, NE and IN."""
        return frozenset(map(key_of, self.value if self.comparison is ParamComparison.IN else (self.value,)))

    @property
    def is_negative(self) -> bool:
        return self.comparison in OPPOSITES

    def holds(self, value: Any) -> bool:
        """Return whether the comparison holds; for NE and NOT_EXISTS, whether their opposite does."""
        match OPPOSITES.get(self.comparison, self.comparison):
            case ParamComparison.EXISTS:
                return value is not None
            case ParamComparison.EQ | ParamComparison.IN:
                return key_of(value) in self.wanted or any(key_of(item) in self.wanted for item in items_of(value))
            case ParamComparison.CONTAINS:
                if isinstance(value, str):
                    return isinstance(self.value, str) and self.value in value
                return any(key_of(item) in self.wanted for item in items_of(value))
            case order:
                values = items_of(value) if isinstance(value, list | tuple) else (value,)
                return any(compared(each, self.value) in ORDERS[order] for each in values)

    def holds_for_numbers(self, units: Sequence[int], scale: int) -> Iterable[bool]:
        """Return for numbers of one scale what `holds` returns."""
        comparison = OPPOSITES.get(self.comparison, self.comparison)
        if comparison in (ParamComparison.EXISTS, ParamComparison.CONTAINS):
            return [comparison is ParamComparison.EXISTS] * len(units)
        if comparison in ORDERS:
            number = read_number(self.value)
            return [False] * len(units) if number is None else map(bound(comparison, number, scale), units)
        numbers = (reduced(*key) for key in self.wanted if isinstance(key, Exact))
        return map({to_scale(number, scale) for number in numbers if number.scale <= scale}.__contains__, units)


def has_order(value: Any) -> bool:
    return isinstance(value, str | datetime) or read_number(value) is not None


def items_of(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def bound(comparison: ParamComparison, number: Exact, scale: int) -> Callable[[int], bool]:
    """Return the test of units at a scale: a whole number of them is the bound, rounded towards what holds."""
    units: int = number.units * 10**scale
    divisor: int = 10**number.scale
    match comparison:
        case ParamComparison.LT:
            return (-(-units // divisor)).__gt__
        case ParamComparison.LTE:
            return (units // divisor).__ge__
        case ParamComparison.GT:
            return (units // divisor).__lt__
        case _:
            return (-(-units // divisor)).__le__


def mask_of(filters: Sequence[ParamFilter], group: Group) -> bytes | None:
    """Return a byte for each row of the group, 1 where all filters hold; None without filters, where all rows do.

    It is kept with the group, for the next analysis with these filters.
    """
    if not filters:
        return None
    key = tuple(filter.key for filter in filters)
    found = group.masks.get(key)
    if found is None:
        found = one_mask(filters[0], group)
        for filter in filters[1:]:
            found = bytes(map(and_, found, one_mask(filter, group)))
        if len(group.masks) >= MOST_MASKS:
            group.masks.clear()
        group.masks[key] = found
    return found


def one_mask(filter: ParamFilter, group: Group) -> bytes:
    verdict = filter.holds(None)
    mask = bytearray(bytes((verdict,)) * len(group))
    for strip in group.column(filter.param):
        verdicts = bytes(verdicts_of(filter, strip))
        if strip.rows is None:
            mask[:] = verdicts
        else:
            for row, found in zip(strip.rows, verdicts, strict=True):
                mask[row] = found
    return bytes(mask.translate(OTHERS) if filter.is_negative else mask)


def verdicts_of(filter: ParamFilter, strip: Strip) -> Iterable[bool]:
    if strip.kind in NUMERIC:
        return filter.holds_for_numbers(*strip.numbers)
    if strip.kind is StripKind.TEXTS:
        return map([filter.holds(text) for text in strip.texts].__getitem__, strip.values)
    if strip.kind is StripKind.NULLS:
        return [filter.holds(None)] * len(strip.values)
    return map(filter.holds, strip.values)
