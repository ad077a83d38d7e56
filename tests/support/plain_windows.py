"""Windows once more, by trying instants: what the settled meanings say, and nothing of how the engine does it."""

import calendar
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

STEP = timedelta(hours=1)
Bounds = tuple[datetime | None, datetime | None]


def plain_span(window: Any, now: datetime, zone: ZoneInfo) -> Bounds:
    """Return from when on and until when events count; None is without a bound."""
    unit = window.unit and window.unit.value
    match window.kind.value:
        case "LIFETIME":
            return None, None
        case "BETWEEN":
            return window.since, window.until
        case "TODAY":
            return begun("DAYS", now, zone)[1], now
        case "YESTERDAY":
            return complete("DAYS", 1, now, zone)
        case "THIS":
            return begun(unit, now, zone)[1], now
        case "PREVIOUS":
            return complete(unit, 1, now, zone)
        case _ if window.calendar:
            return complete(unit, window.count, now, zone)
        case _ if unit == "HOURS":
            return now - timedelta(hours=window.count), now
        case _:
            return min(now, instant(shift(shown(now, zone), unit, -window.count), zone)), now


def complete(unit: str, count: int, now: datetime, zone: ZoneInfo) -> Bounds:
    wall, until = begun(unit, now, zone)
    if unit == "HOURS":
        return until - timedelta(hours=count), until
    return min(until, instant(shift(wall, unit, -count), zone)), until


def begun(unit: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the wall time and the instant at which the running unit began: the latest that is not to come."""
    wall = shown(now, zone)
    if unit == "HOURS":
        into = timedelta(minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)
        return wall - into, now - into
    day = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    first = {
        "DAYS": day,
        "WEEKS": day - timedelta(days=day.weekday()),
        "MONTHS": day.replace(day=1),
        "YEARS": day.replace(month=1, day=1),
    }[unit]
    starts = [(each, instant(each, zone)) for each in (shift(first, unit, 1), first)]
    found = next((start for start in starts if start[1] <= now), None)
    return found or (first, now)


def shift(wall: datetime, unit: str, count: int) -> datetime:
    if unit in ("DAYS", "WEEKS"):
        return wall + count * timedelta(days=7 if unit == "WEEKS" else 1)
    months = wall.year * 12 + wall.month - 1 + count * (12 if unit == "YEARS" else 1)
    year, month = months // 12, months % 12 + 1
    return wall.replace(year=year, month=month, day=min(wall.day, calendar.monthrange(year, month)[1]))


def shown(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant at which clocks show a wall time; where none does, it is moved on by the gap."""
    offsets = {offset for _, offset in around(wall, zone)}
    matching = [at for offset in offsets if shown(at := utc(wall - offset), zone) == wall]
    if matching:
        return min(matching)
    before = next(earlier for earlier, later in pairs(wall, zone) if shown(utc(wall - earlier), zone) > wall)
    return utc(wall - before)


def utc(wall: datetime) -> datetime:
    return wall.replace(tzinfo=UTC)


def around(wall: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, timedelta]]:
    """Yield instants on the two days around a wall time, with what clocks are ahead of UTC by."""
    at = utc(wall) - timedelta(hours=30)
    while at < utc(wall) + timedelta(hours=30):
        yield at, shown(at, zone) - at.replace(tzinfo=None)
        at += STEP


def pairs(wall: datetime, zone: ZoneInfo) -> Iterator[tuple[timedelta, timedelta]]:
    """Yield what clocks were ahead by before and after they went on."""
    offsets = [offset for _, offset in around(wall, zone)]
    yield from ((earlier, later) for earlier, later in pairwise(offsets) if later > earlier)
