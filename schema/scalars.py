"""Scalars whose rules are stricter than Strawberry's own."""

from datetime import UTC, datetime

import strawberry
from strawberry.types.scalar import ScalarDefinition

from storage.errors import BadInputError

EXAMPLE = "2026-11-21T18:20:00Z"


def read_timestamp(text: object) -> datetime:
    """Return the moment in UTC; a timestamp without an offset would mean another moment to each reader."""
    if not isinstance(text, str):
        raise BadInputError(f"A timestamp is a string, for example {EXAMPLE}.")
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise BadInputError(f"The timestamp {text} has no offset from UTC; write for example {EXAMPLE}.")
        return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadInputError(f"{text} is no timestamp; write for example {EXAMPLE}.") from error


TIMESTAMP: ScalarDefinition = strawberry.scalar(
    name="DateTime",
    description="Timestamp in ISO 8601 with its offset from UTC; answers are in UTC",
    serialize=datetime.isoformat,
    parse_value=read_timestamp,
)
