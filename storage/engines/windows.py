"""Windows of time as ranges of instants, since a day or a month is as long as its zone makes it."""

import calendar
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from storage.store.errors import BadInputError

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)
FIRST_WALL, LAST_WALL = EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None)
HOUR = timedelta(hours=1)
MOST_BUCKETS = 1000


class WindowKind(StrEnum):
    """Which events of a profile count, by their time."""

    LIFETIME = "LIFETIME"
    LAST = "LAST"
    TODAY = "TODAY"
    YESTERDAY = "YESTERDAY"
    THIS = "THIS"
    PREVIOUS = "PREVIOUS"
    BETWEEN = "BETWEEN"


class Unit(StrEnum):
    """Hours are durations; the others are shifts of the wall clock of a zone."""

    HOURS = "HOURS"
    DAYS = "DAYS"
    WEEKS = "WEEKS"
    MONTHS = "MONTHS"
    YEARS = "YEARS"


MONTHS_OF = {Unit.MONTHS: 1, Unit.YEARS: 12}
DAYS_OF = {Unit.DAYS: 1, Unit.WEEKS: 7}


@dataclass(frozen=True, slots=True)
class Window:
    """A window as it is defined; `span_of` says which instants it is at a moment.

    LAST has `unit` and `count`: up to now, or with `calendar` the complete units before the running one. THIS and
    PREVIOUS have `unit`. BETWEEN has `since`, `until` or both; one without an offset is the wall time of the zone.
    """

    kind: WindowKind
    unit: Unit | None = None
    count: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    calendar: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Instants from `since` on and before `until`, in UTC; None is without a bound."""

    since: datetime | None = None
    until: datetime | None = None


def span_of(window: Window, now: datetime, zone: ZoneInfo, *, week_start: int = 0) -> Span:
    """Return the instants of `window` at `now`; weeks begin on `week_start`, of which 0 is Monday.

    What would lie outside of the years 1 to 9999 is moved to their beginning or end. Raises `BadInputError` for a
    window that lacks what its kind needs, that counts less than one unit, or that ends before it begins.
    """
    now = now.astimezone(UTC)
    match window.kind:
        case WindowKind.LIFETIME:
            return Span()
        case WindowKind.BETWEEN:
            return between(window, zone)
        case WindowKind.TODAY:
            return Span(start_of(Unit.DAYS, now, zone), now)
        case WindowKind.YESTERDAY:
            return complete(Unit.DAYS, 1, now, zone)
        case WindowKind.THIS:
            return Span(start_of(unit_of(window), now, zone, week_start=week_start), now)
        case WindowKind.PREVIOUS:
            return complete(unit_of(window), 1, now, zone, week_start=week_start)
        case WindowKind.LAST:
            unit, count = unit_of(window), count_of(window)
            if window.calendar:
                return complete(unit, count, now, zone, week_start=week_start)
            return Span(min(now, shifted(now, unit, -count, zone)), now)


def between(window: Window, zone: ZoneInfo) -> Span:
    since, until = (None if at is None else instant(at, zone) for at in (window.since, window.until))
    if since is None and until is None:
        raise BadInputError("A window BETWEEN needs a beginning, an end, or both.")
    if since is not None and until is not None and until < since:
        raise BadInputError("This window ends before it begins.")
    return Span(since, until)


def complete(unit: Unit, count: int, now: datetime, zone: ZoneInfo, *, week_start: int = 0) -> Span:
    """Return the `count` units before the one that is running.

    Days and longer ones are counted from the wall time at which that one should begin: a zone may begin it later.
    """
    until = start_of(unit, now, zone, week_start=week_start)
    if unit is Unit.HOURS:
        return Span(shifted(until, unit, -count, zone), until)
    wall = wall_start_of(unit, now, zone, week_start)
    return Span(min(until, instant(shifted_wall(wall, unit, -count), zone)), until)


def unit_of(window: Window) -> Unit:
    if window.unit is None:
        raise BadInputError(f"A window {window.kind} needs a unit.")
    return window.unit


def count_of(window: Window) -> int:
    if window.count is None or window.count < 1:
        raise BadInputError(f"A window {window.kind} needs a count of at least 1.")
    return window.count


def start_of(unit: Unit, at: datetime, zone: ZoneInfo, *, week_start: int = 0) -> datetime:
    """Return the beginning of the unit in which the instant `at` is."""
    if unit is Unit.HOURS:  # by what passed since then: of two hours with one name, this is the one that is running
        wall = wall_of(at, zone)
        return later(at, timedelta(minutes=-wall.minute, seconds=-wall.second, microseconds=-wall.microsecond))
    return min(at, instant(wall_start_of(unit, at, zone, week_start), zone))


def wall_start_of(unit: Unit, at: datetime, zone: ZoneInfo, week_start: int) -> datetime:
    """Return the wall time at which the day or longer unit begins in which the instant `at` is.

    Where clocks go back over midnight, the next day has begun already though they show the old one again.
    """
    wall = floor(wall_of(at, zone), unit, week_start)
    following = shifted_wall(wall, unit, 1)
    return following if following != LAST_WALL and instant(following, zone) <= at else wall


def floor(wall: datetime, unit: Unit, week_start: int) -> datetime:
    """Return the wall time at which the day, week, month or year of `wall` begins."""
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case Unit.WEEKS:
            return later(midnight, timedelta(days=-((wall.weekday() - week_start) % 7)))
        case Unit.MONTHS:
            return midnight.replace(day=1)
        case Unit.YEARS:
            return midnight.replace(month=1, day=1)
        case _:
            return midnight


def shifted(at: datetime, unit: Unit, count: int, zone: ZoneInfo) -> datetime:
    """Return the instant that is `count` units from `at`, in either direction."""
    if unit is Unit.HOURS:
        return later(at, units(count, hours=1))
    return instant(shifted_wall(wall_of(at, zone), unit, count), zone)


def shifted_wall(wall: datetime, unit: Unit, count: int) -> datetime:
    """Return the wall time `count` units on; a day that the month does not have is its last one."""
    if unit in DAYS_OF:
        return later(wall, units(count, days=DAYS_OF[unit]))
    year, month = divmod(wall.year * 12 + wall.month - 1 + count * MONTHS_OF[unit], 12)
    if not MINYEAR <= year <= MAXYEAR:
        return FIRST_WALL if count < 0 else LAST_WALL
    return wall.replace(year=year, month=month + 1, day=min(wall.day, calendar.monthrange(year, month + 1)[1]))


def units(count: int, *, days: int = 0, hours: int = 0) -> timedelta:
    """Return `count` times the length, or the longest duration there is."""
    try:
        return count * timedelta(days=days, hours=hours)
    except OverflowError:
        return timedelta.max if count > 0 else timedelta.min


def later(at: datetime, by: timedelta) -> datetime:
    """Return the sum, within the years 1 to 9999."""
    try:
        return at + by
    except OverflowError:
        return (FIRST_WALL if by < timedelta() else LAST_WALL).replace(tzinfo=at.tzinfo)


def wall_of(at: datetime, zone: ZoneInfo) -> datetime:
    """Return what a clock in the zone shows at an instant; where that is no year of four digits, the clock of UTC."""
    try:
        return at.astimezone(zone).replace(tzinfo=None, fold=0)
    except (OverflowError, ValueError):
        return at.astimezone(UTC).replace(tzinfo=None)


def instant(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant of a wall time: one that does not exist moves on by the gap, of two it is the first.

    A time with an offset of its own is that instant.
    """
    try:
        return (at.replace(tzinfo=zone, fold=0) if at.tzinfo is None else at).astimezone(UTC)
    except (OverflowError, ValueError):
        return EARLIEST if at.year == MINYEAR else LATEST


def boundaries(span: Span, granularity: Unit, zone: ZoneInfo, *, week_start: int = 0) -> tuple[datetime, ...]:
    """Return the instants between which the buckets of a time series are: one more than there are buckets, or none.

    The first bucket begins and the last one ends with the window, so that these may be shorter. A day that a zone left
    out has no bucket. Raises `BadInputError` for a window without a beginning or end, and for over 1,000 buckets.
    """
    if span.since is None or span.until is None:
        raise BadInputError("A time series needs a window with a beginning and an end.")
    if span.since >= span.until:
        return ()
    found = [span.since]
    for at in starts(span.since, granularity, zone, week_start):
        if at >= span.until:
            break
        if at > found[-1]:
            if len(found) == MOST_BUCKETS:
                raise BadInputError(f"A time series has at most {MOST_BUCKETS} buckets: choose a coarser granularity.")
            found.append(at)
    return (*found, span.until)


def starts(since: datetime, unit: Unit, zone: ZoneInfo, week_start: int) -> Iterator[datetime]:
    """Yield the beginnings of the units after the one in which `since` is, to the end of time."""
    if unit is Unit.HOURS:
        at = start_of(unit, since, zone)
        while at < LATEST:
            at = later(at, HOUR)
            yield at
        return
    wall = wall_start_of(unit, since, zone, week_start)
    for count in itertools.count(1):
        following = shifted_wall(wall, unit, count)
        yield instant(following, zone)
        if following == LAST_WALL:
            return
