"""What every filter refuses, since it can't be meant: an empty list, one that is too long, a range without a moment."""

from collections.abc import Sequence

from storage.conditions import TimeRange
from storage.store.errors import BadInputError
from storage.store.ids import whole_milliseconds

MOST_ACTIONS = 50


def check_listed(values: Sequence[object] | None, argument: str, *, most: int = MOST_ACTIONS) -> None:
    """Raise `BadInputError` for a list that is there and has nothing in it, or too much."""
    if values is not None and not 1 <= len(values) <= most:
        message = (
            f"{argument.rpartition('.')[2]} has from 1 to {most} items, and not {len(values)}; leave it out for all."
        )
        raise BadInputError(message, argument=argument)


def check_range(within: TimeRange | None, argument: str) -> None:
    """Raise `BadInputError` for a range that is there and holds everything, or nothing."""
    if within is None:
        return
    since, until = within.since, within.until
    if since is None and until is None:
        raise BadInputError("A range needs from, to, or both.", argument=argument)
    if since is not None and until is not None and whole_milliseconds(since) >= whole_milliseconds(until):
        raise BadInputError("No moment is in this range: from must be before to, by a millisecond.", argument=argument)
