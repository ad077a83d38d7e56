"""Values of parameters: which are the same, and how they compare, whatever JSON holds."""

import math
from collections.abc import Hashable
from datetime import UTC, datetime
from typing import Any

from storage.engines.numbers import Exact, read_number


def key_of(value: Any) -> Hashable:
    """Return what is equal for values that are the same, and for no others.

    `1`, `true` and `"1"` are three values; 1 and 1.0 are one, being one number. The order of an object's keys says
    nothing.
    """
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, int | float):
        return read_number(value) or ("constant", str(value))
    if isinstance(value, datetime):
        return ("date", in_utc(value))
    if isinstance(value, list | tuple):
        return ("list", tuple(map(key_of, value)))
    if isinstance(value, dict):
        return ("object", frozenset((name, key_of(inner)) for name, inner in value.items()))
    return (type(value).__name__, bytes(value) if isinstance(value, bytes) else str(value))


def in_utc(at: datetime) -> datetime:
    """Return the moment; one without an offset is in UTC already."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def is_value(value: Any) -> bool:
    """Return whether there is something to tell: neither null nor NaN."""
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def compared(one: Any, other: Any) -> int | None:
    """Return whether `one` is less (-1), the same (0) or greater (1); None where they are not of one kind.

    Numbers, texts (by code points) and dates have an order; nothing else has.
    """
    left: Any
    right: Any
    if isinstance(one, str) and isinstance(other, str):
        left, right = one, other
    elif isinstance(one, datetime) and isinstance(other, datetime):
        left, right = in_utc(one), in_utc(other)
    else:
        first, second = read_number(one), read_number(other)
        if first is None or second is None:
            return None
        left, right = cross(first, second)
    return int(left > right) - int(left < right)


def cross(one: Exact, other: Exact) -> tuple[int, int]:
    """Return both numbers at the scale that they share."""
    return one.units * 10**other.scale, other.units * 10**one.scale
