"""Timestamps as text, the same at every way in: ISO 8601, with an offset."""

from datetime import UTC, datetime

from storage.store.errors import BadInputError

EXAMPLE = "2026-11-21T18:20:00Z"


def aware(at: datetime) -> datetime:
    """Return a moment in UTC; a naive one, as documents that are only shown have, is in UTC already."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def write_timestamp(at: datetime) -> str:
    return aware(at).isoformat()


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
