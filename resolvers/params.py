"""Parameters of an event: what a sender may put there, so that it can be stored and returned unchanged."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from storage.rules import check_name, check_number, forbidden
from storage.store.refusals import UserErrorCode, refuse

MOST_KEYS = 100
DEEPEST = 5
LARGEST = 32_768
SMALLEST_INTEGER, LARGEST_INTEGER = -(2**63), 2**63 - 1


def check_params(given: Any, field: Sequence[str]) -> dict[str, Any]:
    """Return the parameters, or refuse the first thing that is wrong with them, at its path."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise refuse(UserErrorCode.WRONG_TYPE, field, "This must be an object.")
    check_value(given, field, depth=1)
    size = len(orjson.dumps(given))
    if size > LARGEST:
        raise refuse(UserErrorCode.TOO_LONG, field, f"This has {size} bytes as JSON; at most {LARGEST} are allowed.")
    return dict(given)


def check_value(value: Any, field: Sequence[str], *, depth: int) -> None:
    match value:
        case Mapping():
            check_depth(depth, field)
            check_number(len(value), field, most=MOST_KEYS)
            for key, inner in value.items():
                check_key(key, field)
                check_value(inner, [*field, key], depth=depth + 1)
        case list():
            check_depth(depth, field)
            for position, inner in enumerate(value):
                check_value(inner, [*field, str(position)], depth=depth + 1)
        case int() if not SMALLEST_INTEGER <= value <= LARGEST_INTEGER:
            raise refuse(UserErrorCode.INVALID_VALUE, field, "An integer must fit into 64 bits.")
        case float() if not math.isfinite(value):
            raise refuse(UserErrorCode.INVALID_VALUE, field, "A number must be finite.")


def check_depth(depth: int, field: Sequence[str]) -> None:
    if depth > DEEPEST:
        raise refuse(UserErrorCode.TOO_MANY, field, f"Objects and lists may be nested at most {DEEPEST} levels deep.")


def check_key(key: str, field: Sequence[str]) -> None:
    """Check the name of a parameter; MongoDB reads one that begins with a dollar sign as an operator."""
    check_name(key, field)
    if key.startswith("$"):
        raise forbidden("$", 0, field)
