"""Values in a file to import: what a string means where its attribute is of another type."""

from datetime import UTC, date, datetime, time
from typing import Any

from storage.attributes import AttributeType
from storage.store.errors import BadInputError
from storage.store.refusals import UserErrorCode, refuse
from storage.store.timestamps import read_timestamp

SEPARATOR = ";"
TRUTH = {"true": True, "false": False}


def typed(value: Any, kind: AttributeType) -> Any:
    """Return a string as a value of its attribute's type; one that does not fit is left for the check to refuse."""
    if not isinstance(value, str):
        return value
    try:
        match kind:
            case AttributeType.NUMBER:
                return float(value)
            case AttributeType.BOOLEAN:
                return TRUTH.get(value.strip().casefold(), value)
            case AttributeType.DATE:
                return moment(value.strip())
            case AttributeType.ARRAY:
                return [item.strip() for item in value.split(SEPARATOR)]
            case AttributeType.STRING:
                return value
    except (ValueError, BadInputError):
        return value


def moment(text: str) -> datetime:
    """Return a timestamp; a day means its midnight in UTC."""
    return (
        datetime.combine(date.fromisoformat(text), time(), UTC)
        if len(text) == len("2026-01-01")
        else read_timestamp(text)
    )


def as_string(value: Any, field: list[str]) -> str:
    if not isinstance(value, str):
        raise refuse(UserErrorCode.WRONG_TYPE, field, "This must be a string.")
    return value
