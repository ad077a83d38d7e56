"""Windows where clocks change, at the ends of months and of time, by the settled meanings."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.engines.windows import Span, Unit, Window, WindowKind, boundaries, span_of
from storage.store.errors import BadInputError
from tests.support.histories import ZONES, moments, windows

WARSAW = ZoneInfo("Europe/Warsaw")
SANTIAGO = ZoneInfo("America/Santiago")
ST_JOHNS = ZoneInfo("America/St_Johns")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
CASES = settings(derandomize=True, max_examples=120)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def last(count: int, unit: Unit, *, calendar: bool = False) -> Window:
    return Window(WindowKind.LAST, unit, count, calendar=calendar)


def wall(at: datetime | None, zone: ZoneInfo) -> str:
    assert at is not None
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def test_trap_1_a_day_in_which_clocks_go_back_has_25_hours() -> None:
    now = datetime(2026, 10, 26, tzinfo=WARSAW)
    by_hours, by_days = (span_of(last(count, unit), now, WARSAW) for count, unit in [(24, Unit.HOURS), (1, Unit.DAYS)])
    assert (by_hours.since, by_days.since) == (utc(2026, 10, 24, 23), utc(2026, 10, 24, 22))
    assert by_hours.until == by_days.until == utc(2026, 10, 25, 23)
    assert len(boundaries(by_days, Unit.HOURS, WARSAW)) - 1 == 25


def test_a_day_in_which_clocks_go_on_has_23_hours() -> None:
    yesterday = span_of(Window(WindowKind.YESTERDAY), datetime(2026, 3, 30, 9, tzinfo=WARSAW), WARSAW)
    assert yesterday == Span(utc(2026, 3, 28, 23), utc(2026, 3, 29, 22))
    assert len(boundaries(yesterday, Unit.HOURS, WARSAW)) - 1 == 23


def test_a_wall_time_that_does_not_exist_moves_on_by_the_gap() -> None:
    since = span_of(last(1, Unit.DAYS), datetime(2026, 3, 30, 2, 30, tzinfo=WARSAW), WARSAW).since
    assert since == utc(2026, 3, 29, 1, 30)
    assert wall(since, WARSAW) == "2026-03-29 03:30"


def test_a_wall_time_that_exists_twice_is_the_first() -> None:
    assert span_of(last(1, Unit.DAYS), datetime(2026, 10, 26, 2, 30, tzinfo=WARSAW), WARSAW).since == utc(
        2026, 10, 25, 0, 30
    )
    between = Window(WindowKind.BETWEEN, since=datetime(2026, 10, 25, 2, 30), until=datetime(2026, 10, 25, 3))  # noqa: DTZ001
    assert span_of(between, utc(2026, 11, 1), WARSAW) == Span(utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 2))


def test_trap_2_days_without_midnight_begin_when_clocks_have_gone_on() -> None:
    now = datetime(2026, 9, 6, 12, tzinfo=SANTIAGO)
    today = span_of(Window(WindowKind.TODAY), now, SANTIAGO)
    assert wall(today.since, SANTIAGO) == "2026-09-06 01:00"
    before = span_of(last(2, Unit.DAYS, calendar=True), now, SANTIAGO)
    assert before == Span(utc(2026, 9, 4, 4), utc(2026, 9, 6, 4))  # whole days from midnight, not from one o'clock
    after = span_of(Window(WindowKind.YESTERDAY), datetime(2026, 9, 7, 12, tzinfo=SANTIAGO), SANTIAGO)
    assert after == Span(utc(2026, 9, 6, 4), utc(2026, 9, 7, 3))
    days = boundaries(Span(utc(2026, 9, 5, 4), utc(2026, 9, 8, 3)), Unit.DAYS, SANTIAGO)
    assert [later - earlier for earlier, later in pairwise(days)] == [timedelta(hours=hours) for hours in (24, 23, 24)]


def test_trap_2_an_evening_that_repeats_after_midnight_is_of_the_day_that_has_begun() -> None:
    midnight, repeated = utc(2010, 11, 7, 2, 30), utc(2010, 11, 7, 3, 0)
    assert (wall(midnight, ST_JOHNS), wall(repeated, ST_JOHNS)) == ("2010-11-07 00:00", "2010-11-06 23:30")
    days = boundaries(Span(utc(2010, 11, 6, 2, 30), utc(2010, 11, 8, 3, 30)), Unit.DAYS, ST_JOHNS)
    assert days == (utc(2010, 11, 6, 2, 30), midnight, utc(2010, 11, 8, 3, 30))
    assert span_of(Window(WindowKind.TODAY), repeated, ST_JOHNS) == Span(midnight, repeated)
    assert span_of(Window(WindowKind.YESTERDAY), repeated, ST_JOHNS) == Span(utc(2010, 11, 6, 2, 30), midnight)


def test_trap_7_yesterday_ends_where_today_begins() -> None:
    now = datetime(2026, 11, 21, 18, 20, 0, 1, tzinfo=WARSAW)
    yesterday, today = (span_of(Window(kind), now, WARSAW) for kind in (WindowKind.YESTERDAY, WindowKind.TODAY))
    assert yesterday == Span(utc(2026, 11, 19, 23), utc(2026, 11, 20, 23))
    assert today == Span(yesterday.until, now)


@pytest.mark.parametrize(
    ("now", "window", "since"),
    [
        ((2026, 3, 31, 12), last(1, Unit.MONTHS), "2026-02-28 12:00"),
        ((2024, 3, 31, 12), last(1, Unit.MONTHS), "2024-02-29 12:00"),
        ((2024, 2, 29, 12), last(1, Unit.YEARS), "2023-02-28 12:00"),
        ((2026, 1, 31, 12), last(14, Unit.MONTHS), "2024-11-30 12:00"),
        ((2026, 1, 5, 12), last(1, Unit.WEEKS), "2025-12-29 12:00"),
    ],
)
def test_a_day_that_the_month_lacks_is_its_last(now: tuple[int, ...], window: Window, since: str) -> None:
    assert wall(span_of(window, utc(*now), ZoneInfo("UTC")).since, ZoneInfo("UTC")) == since


@pytest.mark.parametrize(
    ("window", "week_start", "since", "until"),
    [
        (last(2, Unit.WEEKS, calendar=True), 0, "2026-11-09 00:00", "2026-11-23 00:00"),
        (last(1, Unit.WEEKS, calendar=True), 6, "2026-11-15 00:00", "2026-11-22 00:00"),
        (last(3, Unit.MONTHS, calendar=True), 0, "2026-08-01 00:00", "2026-11-01 00:00"),
        (last(1, Unit.YEARS, calendar=True), 0, "2025-01-01 00:00", "2026-01-01 00:00"),
        (last(5, Unit.HOURS, calendar=True), 0, "2026-11-28 02:00", "2026-11-28 07:00"),
        (Window(WindowKind.PREVIOUS, Unit.MONTHS), 0, "2026-10-01 00:00", "2026-11-01 00:00"),
        (Window(WindowKind.THIS, Unit.WEEKS), 0, "2026-11-23 00:00", "2026-11-28 07:45"),
        (Window(WindowKind.THIS, Unit.HOURS), 0, "2026-11-28 07:00", "2026-11-28 07:45"),
    ],
)
def test_calendar_windows_are_of_complete_units(window: Window, week_start: int, since: str, until: str) -> None:
    now = datetime(2026, 11, 28, 7, 45, tzinfo=KATHMANDU)
    span = span_of(window, now, KATHMANDU, week_start=week_start)
    assert (wall(span.since, KATHMANDU), wall(span.until, KATHMANDU)) == (since, until)


def test_lifetime_has_no_end_and_cannot_be_a_series() -> None:
    span = span_of(Window(WindowKind.LIFETIME), utc(2026, 1, 1), WARSAW)
    assert span == Span(None, None)
    with pytest.raises(BadInputError, match="beginning and an end"):
        boundaries(span, Unit.DAYS, WARSAW)


@pytest.mark.parametrize(
    "window",
    [
        Window(WindowKind.LAST, Unit.DAYS),
        Window(WindowKind.LAST, count=3),
        last(0, Unit.DAYS),
        Window(WindowKind.THIS),
        Window(WindowKind.PREVIOUS),
        Window(WindowKind.BETWEEN),
        Window(WindowKind.BETWEEN, since=utc(2026, 1, 2), until=utc(2026, 1, 1)),
    ],
)
def test_a_window_that_can_not_be_meant_is_refused(window: Window) -> None:
    with pytest.raises(BadInputError):
        span_of(window, utc(2026, 1, 1), WARSAW)


def test_the_first_and_last_bucket_end_with_the_window() -> None:
    span = Span(utc(2026, 11, 26, 12), utc(2026, 11, 28, 6, 30))
    midnights = [utc(2026, 11, 26, 23), utc(2026, 11, 27, 23)]
    assert boundaries(span, Unit.DAYS, WARSAW) == (span.since, *midnights, span.until)
    assert boundaries(Span(*midnights), Unit.DAYS, WARSAW) == tuple(midnights)
    assert boundaries(Span(span.until, span.until), Unit.DAYS, WARSAW) == ()
    quarter_past = [at.minute for at in boundaries(span, Unit.HOURS, KATHMANDU)[1:-1]]
    assert set(quarter_past) == {15}


def test_a_day_that_a_zone_left_out_has_no_bucket() -> None:
    apia = ZoneInfo("Pacific/Apia")
    days = boundaries(Span(utc(2011, 12, 28, 10), utc(2012, 1, 1, 10)), Unit.DAYS, apia)
    assert [wall(at, apia)[:10] for at in days] == [
        "2011-12-28",
        "2011-12-29",
        "2011-12-31",
        "2012-01-01",
        "2012-01-02",
    ]


def test_months_of_31_days_are_counted_from_the_first() -> None:
    months = boundaries(Span(utc(2026, 1, 31), utc(2026, 5, 31)), Unit.MONTHS, ZoneInfo("UTC"))
    assert [at.day for at in months] == [31, 1, 1, 1, 1, 31]


def test_a_series_has_at_most_a_thousand_buckets() -> None:
    since = utc(2026, 1, 1)
    assert len(boundaries(Span(since, since + timedelta(hours=1000)), Unit.HOURS, WARSAW)) == 1001
    with pytest.raises(BadInputError, match="1000 buckets"):
        boundaries(Span(since, since + timedelta(hours=1000, microseconds=1)), Unit.HOURS, WARSAW)
    with pytest.raises(BadInputError, match="1000 buckets"):
        boundaries(Span(utc(1, 1, 1), datetime.max.replace(tzinfo=UTC)), Unit.YEARS, WARSAW)


@CASES
@given(st.data(), windows(), st.sampled_from(ZONES), st.integers(0, 6))
def test_no_moment_and_no_count_is_beyond_the_calendar(
    data: st.DataObject, window: Window, zone: ZoneInfo, start: int
) -> None:
    now = data.draw(
        st.sampled_from([utc(1, 1, 1), datetime.max.replace(tzinfo=UTC)]) | st.datetimes(timezones=st.just(UTC))
    )
    count = data.draw(st.sampled_from([1, 11, 10**6, 10**12, 10**30]))
    window = Window(window.kind, window.unit, count, window.since, window.until, window.calendar)
    span = span_of(window, now, zone, week_start=start)
    assert span.since is None or span.until is None or span.since <= span.until
    near = Span(now - timedelta(hours=20), now) if now.year > 1 else Span(now, now + timedelta(hours=20))
    for unit in Unit:
        buckets = boundaries(near, unit, zone, week_start=start)
        assert (buckets[0], buckets[-1]) == (near.since, near.until)
        assert all(earlier < later for earlier, later in pairwise(buckets))


def offset(at: datetime, zone: ZoneInfo) -> timedelta:
    found = at.astimezone(zone).utcoffset()
    assert found is not None
    return found


def found_by_trying(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant of a wall time, looked for among all offsets of the days around it."""
    around = [at.replace(tzinfo=UTC) + timedelta(hours=hours) for hours in range(-36, 37)]
    instants = sorted({at.replace(tzinfo=UTC) - offset(each, zone) for each in around})
    for each in instants:
        if each.astimezone(zone).replace(tzinfo=None) == at:
            return each
    return at.replace(tzinfo=UTC) - offset(around[0], zone)  # what the clock said before the gap


@CASES
@given(
    moments(),
    st.sampled_from(ZONES),
    st.sampled_from([Unit.DAYS, Unit.WEEKS, Unit.MONTHS]),
    st.integers(0, 6),
    st.integers(1, 40),
)
def test_boundaries_are_the_midnights_that_trying_finds(
    until: datetime, zone: ZoneInfo, unit: Unit, week_start: int, days: int
) -> None:
    span = Span(until - timedelta(days=days), until)
    midnights = []
    for number in range(-3, days + 4):
        day = (until - timedelta(days=days - number)).date()
        begins = {Unit.DAYS: True, Unit.WEEKS: day.weekday() == week_start, Unit.MONTHS: day.day == 1}[unit]
        at = found_by_trying(datetime(day.year, day.month, day.day), zone)  # noqa: DTZ001  # a wall time
        if begins and span.since < at < until and at not in midnights:  # type: ignore[operator]  # it has both
            midnights.append(at)
    assert boundaries(span, unit, zone, week_start=week_start) == (span.since, *midnights, until)


@CASES
@given(moments(), st.sampled_from(ZONES), st.integers(1, 400))
def test_days_are_shifts_of_the_wall_clock(now: datetime, zone: ZoneInfo, count: int) -> None:
    shown = now.astimezone(zone).replace(tzinfo=None) - timedelta(days=count)
    assert span_of(last(count, Unit.DAYS), now, zone) == Span(found_by_trying(shown, zone), now)
