"""Values of attributes: whether one is of its attribute's type, and the form in which it is kept (R21)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from storage.attributes import AttributeType
from storage.rules import LONGEST_LINE, MOST_ITEMS, check_length, check_number
from storage.store.ids import whole_milliseconds
from storage.store.refusals import RefusedError, UserErrorCode, refuse

# All texts of a profile together, so that it stays well below what one document may hold.
MOST_CHARACTERS = 500_000
LARGEST_INTEGER = 2**63 - 1

EXPECTED = {
    AttributeType.STRING: "a text",
    AttributeType.DATE: "a timestamp with its offset from UTC",
    AttributeType.NUMBER: "a finite number",
    AttributeType.BOOLEAN: "true or false",
    AttributeType.ARRAY: "a list of texts, finite numbers and truth values",
}


def check_value(value: Any, kind: AttributeType, field: Sequence[str]) -> Any:
    """Return a value as it is kept, or refuse it; None stands for null, which every type has (R22)."""
    return None if value is None else CHECKS[kind](value, field)


def check_string(value: Any, field: Sequence[str]) -> str:
    if not isinstance(value, str):
        raise wrong_type(AttributeType.STRING, value, field)
    return check_length(value, field, longest=LONGEST_LINE, blank=True)


def check_date(value: Any, field: Sequence[str]) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise wrong_type(AttributeType.DATE, value, field)
    return whole_milliseconds(value.astimezone(UTC))


def check_finite(value: Any, field: Sequence[str]) -> float:
    if not is_number(value):
        raise wrong_type(AttributeType.NUMBER, value, field)
    return float(value)


def check_boolean(value: Any, field: Sequence[str]) -> bool:
    if not isinstance(value, bool):
        raise wrong_type(AttributeType.BOOLEAN, value, field)
    return value


def check_items(value: Any, field: Sequence[str]) -> list[str | int | float | bool]:
    if not isinstance(value, list):
        raise wrong_type(AttributeType.ARRAY, value, field)
    check_number(len(value), field, most=MOST_ITEMS)
    return [check_item(item, [*field, str(position)]) for position, item in enumerate(value)]


def check_item(item: Any, field: Sequence[str]) -> str | int | float | bool:
    if isinstance(item, str):
        return check_length(item, field, longest=LONGEST_LINE, blank=True)
    if isinstance(item, bool):
        return item
    if not is_number(item):
        message = f"Items are texts, finite numbers and truth values, and this is {described(item)}."
        raise refuse(UserErrorCode.WRONG_TYPE, field, message)
    return int(item) if isinstance(item, int) and abs(item) <= LARGEST_INTEGER else float(item)


CHECKS: Mapping[AttributeType, Callable[[Any, Sequence[str]], Any]] = {
    AttributeType.STRING: check_string,
    AttributeType.DATE: check_date,
    AttributeType.NUMBER: check_finite,
    AttributeType.BOOLEAN: check_boolean,
    AttributeType.ARRAY: check_items,
}


def is_number(value: Any) -> bool:
    """Return whether a value is a number that is kept as it is; true and false are none."""
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    except OverflowError:
        return False


def wrong_type(kind: AttributeType, value: Any, field: Sequence[str]) -> RefusedError:
    """Return the refusal that says what was expected and what was given."""
    return refuse(
        UserErrorCode.WRONG_TYPE,
        field,
        f"The type of this attribute is {kind}: expected {EXPECTED[kind]}, and this has {described(value)}.",
    )


def described(value: Any) -> str:
    """Return what a value is, without the value: it may be personal."""
    match value:
        case bool():
            return "a truth value"
        case int() | float():
            return "a number" if is_number(value) else "a number that is not finite"
        case datetime():
            return "a timestamp" if value.tzinfo else "a timestamp without an offset"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "something else"


def characters(value: Any) -> int:
    """Return how many characters of text a value has."""
    match value:
        case str():
            return len(value)
        case list():
            return sum(characters(item) for item in value)
        case _:
            return 0
