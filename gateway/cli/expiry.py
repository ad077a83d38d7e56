"""When a new key ends, as a person writes it on the command line."""

import re
from datetime import UTC, datetime, timedelta

UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
DURATION = re.compile(r"([1-9][0-9]{0,4})([hdw])")


def parse_expiry(text: str, *, now: datetime) -> datetime:
    """Read `12h`, `30d`, `8w`, or an ISO date or time (UTC where it names no zone); `ValueError` for all else."""
    duration = DURATION.fullmatch(text)
    if duration:
        return now + int(duration[1]) * UNITS[duration[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is neither a time from now (12h, 30d, 8w) nor an ISO date (2030-12-31)") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment <= now:
        raise ValueError(f"{text!r} is in the past")
    return moment.astimezone(UTC)
