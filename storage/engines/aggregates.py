"""Aggregates: what is computed of the events of a profile, and what a result says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from storage.engines import numbers
from storage.engines.filters import ParamFilter
from storage.engines.numbers import Exact, Part, read_number
from storage.store.errors import BadInputError

MOST_VALUES = 1000
HALF = Exact(5, 1)


class Function(StrEnum):
    """What is computed of the values of a parameter (R57)."""

    EXISTS = "EXISTS"
    COUNT = "COUNT"
    FIRST_AT = "FIRST_AT"
    LAST_AT = "LAST_AT"
    SUM = "SUM"
    AVG = "AVG"
    MIN = "MIN"
    MAX = "MAX"
    FIRST = "FIRST"
    LAST = "LAST"
    FIRST_N = "FIRST_N"
    LAST_N = "LAST_N"
    DISTINCT_COUNT = "DISTINCT_COUNT"
    DISTINCT_LIST = "DISTINCT_LIST"
    TOP_N = "TOP_N"
    QUANTILE = "QUANTILE"
    MEDIAN = "MEDIAN"


OF_EVENTS = frozenset({Function.EXISTS, Function.COUNT, Function.FIRST_AT, Function.LAST_AT})
OF_NUMBERS = frozenset({Function.SUM, Function.AVG, Function.MIN, Function.MAX, Function.QUANTILE, Function.MEDIAN})
OF_GROUPS = OF_NUMBERS | {Function.COUNT, Function.DISTINCT_COUNT}  # of which events can be split by a parameter
WITH_LIMIT = frozenset({Function.FIRST_N, Function.LAST_N, Function.TOP_N})


@dataclass(frozen=True)
class Aggregate:
    """A function of the events that have one of the actions and pass all filters.

    `limit` is the N of FIRST_N, LAST_N and TOP_N, and may be given for DISTINCT_LIST; `quantile` is the share of
    QUANTILE, from 0 to 1. `once` is a parameter: of the events that have the same value of it only the first counts.
    `split` is a parameter as well: a result of a number tells of each of its values too. Raises `BadInputError` for one
    that lacks what its function needs.
    """

    function: Function
    actions: tuple[str, ...]
    param: str | None = None
    filters: tuple[ParamFilter, ...] = ()
    limit: int | None = None
    quantile: float | None = None
    once: str | None = None
    split: str | None = None

    def __post_init__(self) -> None:
        if not self.actions:
            raise BadInputError("An aggregate needs at least one action.")
        if self.param is None and self.function not in OF_EVENTS:
            raise BadInputError(f"{self.function} needs a parameter.")
        if self.limit is None and self.function in WITH_LIMIT:
            raise BadInputError(f"{self.function} needs a limit.")
        if self.limit is not None and not 1 <= self.limit <= MOST_VALUES:
            raise BadInputError(f"A limit is from 1 to {MOST_VALUES}.")
        if self.function is Function.QUANTILE and not (self.quantile is not None and 0 <= self.quantile <= 1):
            raise BadInputError("QUANTILE needs a share from 0 to 1.")
        if self.split is not None and self.function not in OF_GROUPS:
            raise BadInputError(f"{self.function} can't be split by a parameter.")


@dataclass(frozen=True, slots=True)
class Result:
    """A value, how many events passed the filters, and how many of these say nothing of it.

    Without data the value is zero for numbers, False for EXISTS, None for FIRST and LAST, and empty for lists (R56);
    `matched` and `skipped` tell whether there was any. `counts` says how often each value of TOP_N occurs; `groups` are
    the values that the events are split by, in the order in which they occurred first, each with its result; events
    that have none are under None. `exact` is a sum before a double is made of it.
    """

    value: Any
    matched: int
    skipped: int
    counts: tuple[int, ...] = ()
    groups: tuple[tuple[Any, "Result"], ...] = ()
    exact: Exact | None = field(default=None, compare=False)


def of_numbers(aggregate: Aggregate, parts: Sequence[Part], matched: int) -> Result:
    """Return the result of numbers, which are of events that matched."""
    count = sum(len(units) for units, _ in parts)
    exact = numbers.total(parts) if aggregate.function is Function.SUM else None
    value = numbers.told(exact) if exact else number_of(aggregate, parts, count) if count else 0
    return Result(value, matched, matched - count, exact=exact)


def number_of(aggregate: Aggregate, parts: Sequence[Part], count: int) -> int | float:
    match aggregate.function:
        case Function.AVG:
            units, scale = numbers.total(parts)
            return numbers.quotient(units, count * 10**scale)
        case Function.MIN:
            return numbers.told(numbers.least(parts))
        case Function.MAX:
            return numbers.told(numbers.greatest(parts))
        case Function.QUANTILE:
            return numbers.told(numbers.nearest_rank(parts, read_number(aggregate.quantile) or HALF))
        case _:
            return numbers.told(numbers.nearest_rank(parts, HALF))
