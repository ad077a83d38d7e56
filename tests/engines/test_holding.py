"""How long windows have the same events, near nights in which clocks change: never too long, and never for nothing."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from storage.columns.around import held_by
from storage.columns.folding import Block, Fold
from storage.engines.columns import Columns
from storage.engines.evaluation import id_range
from storage.engines.holding import PASSED, STANDING
from storage.engines.windows import Span, Unit, Window, WindowKind, span_of
from storage.store.ids import time_id
from tests.support.histories import MILLISECOND, NIGHTS, ZONES

BUY = ("buy",)
RECENT = NIGHTS[:4]  # since 2011 clocks change at whole quarters of an hour everywhere
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
WARSAW = ZoneInfo("Europe/Warsaw")
MOVING = [kind for kind in WindowKind if kind not in STANDING]
NEAR = [*(number * MILLISECOND for number in (-1, 0, 1)), *(number * HOUR / 4 for number in range(-90, 91))]


def columns_of(times: list[datetime], action: str = "buy") -> Columns:
    return Columns.of({"_id": time_id(at, action, str(at)), "action": action} for at in times)


def counted(columns: Columns, span: Span) -> int:
    least, beyond = map(columns.position_of, id_range(span))
    return sum(least <= position < beyond for position in columns.groups["buy"].positions)


@st.composite
def moving_windows(draw: st.DrawFn) -> Window:
    kind, unit, count = draw(st.sampled_from(MOVING)), draw(st.sampled_from(Unit)), draw(st.sampled_from([1, 2, 7, 12]))
    return Window(kind, unit, count, calendar=draw(st.booleans()))


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.data(), moving_windows(), st.sampled_from(ZONES), st.sampled_from(RECENT), st.sampled_from(NEAR))
def test_a_window_has_the_same_events_until_it_has_to_be_looked_at(
    data: st.DataObject, window: Window, zone: ZoneInfo, night: datetime, near: timedelta
) -> None:
    """A day and a bit go by, and each time that it has to be looked at it is."""
    now = night + near
    span = span_of(window, now, zone)
    assert span.since is not None
    offsets = st.tuples(st.sampled_from([now, span.since]), st.sampled_from(NEAR), st.integers(-3, 3))
    times = [base + step + SECOND * more for base, step, more in data.draw(st.lists(offsets, min_size=1, max_size=12))]
    columns = columns_of(times)
    parts = data.draw(st.lists(st.floats(0, 1, exclude_max=True), max_size=3))
    fold, end = Fold(open=columns.merged([{"_id": time_id(now), "action": "visit"}])), now + 26 * HOUR
    held = held_by(fold, BUY, span)
    while now < end:
        at = held.look_at(window, span_of(window, now, zone), now)
        assert at is not None
        assert at > now
        for between in (now, *(now + (at - now) * part for part in parts), at - PASSED):
            if now <= between < at:
                assert held.holds(span_of(window, between, zone))
        now, before = at, span
        span = span_of(window, now, zone)
        if not held.holds(span):
            earlier, held = held, held_by(fold, BUY, span)
            assert held != earlier
        else:
            assert counted(columns, span) == counted(columns, before)


def test_an_event_leaves_a_rolling_hour_a_millisecond_after_it_is_over() -> None:
    now = datetime(2026, 11, 28, 12, 7, tzinfo=UTC)
    window = Window(WindowKind.LAST, Unit.HOURS, 1)
    columns = columns_of([now - 50 * SECOND * 60, now + 3 * SECOND])
    held = held_by(Fold(open=columns), BUY, span_of(window, now, WARSAW))
    coming = now + 3 * SECOND + PASSED
    assert held.look_at(window, span_of(window, now, WARSAW), now) == coming
    assert not held.holds(span_of(window, coming, WARSAW))
    held = held_by(Fold(open=columns), BUY, span_of(window, coming, WARSAW))
    assert held.look_at(window, span_of(window, coming, WARSAW), coming) == now + 8 * 60 * SECOND
    later = now + 10 * 60 * SECOND
    assert held.holds(span_of(window, later, WARSAW))
    assert not held.holds(span_of(window, later + PASSED, WARSAW))


def test_an_event_that_left_comes_back_where_a_month_is_shorter() -> None:
    """Of 28 March and the three days after it, a month ago is 28 February."""
    window = Window(WindowKind.LAST, Unit.MONTHS, 1)
    fold = Fold(open=columns_of([datetime(2026, 2, 28, 12, tzinfo=UTC)]))
    evening = span_of(window, datetime(2026, 3, 28, 20, tzinfo=UTC), ZoneInfo("UTC"))
    held = held_by(fold, BUY, evening)
    assert counted(fold.open, evening) == 0
    before, midnight = datetime(2026, 3, 28, 23, 59, tzinfo=UTC), datetime(2026, 3, 29, tzinfo=UTC)
    assert held.look_at(window, span_of(window, before, ZoneInfo("UTC")), before) == midnight
    assert not held.holds(span_of(window, midnight, ZoneInfo("UTC")))
    assert counted(fold.open, span_of(window, midnight, ZoneInfo("UTC"))) == 1


def test_an_event_at_the_end_of_time_is_waited_for_until_then() -> None:
    now, end = datetime(2026, 11, 28, 12, 7, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)
    for window in (Window(WindowKind.LAST, Unit.HOURS, 1), Window(WindowKind.THIS, Unit.YEARS)):
        span = span_of(window, now, WARSAW)
        held = held_by(Fold(open=columns_of([end])), BUY, span)
        assert held.look_at(window, span, now) == now + 8 * 60 * SECOND
        assert held.holds(span)


def test_windows_that_stand_are_never_looked_at() -> None:
    now = datetime(2026, 11, 28, tzinfo=UTC)
    held = held_by(Fold(open=columns_of([now])), BUY, Span())
    for window in (Window(WindowKind.LIFETIME), Window(WindowKind.BETWEEN, since=now, until=now + HOUR)):
        assert held.look_at(window, span_of(window, now, WARSAW), now) is None


def test_other_actions_and_blocks_that_are_not_read() -> None:
    """What is not read may have an event of any action at its end."""
    now = datetime(2026, 11, 28, 12, tzinfo=UTC)
    old, visits = columns_of([now - 9 * HOUR, now - 8 * HOUR]), columns_of([now - 2 * HOUR], "visit")
    unread = Block(None, 2, old.first, old.last, id=b"leaf")
    read = Block(visits, 1, visits.first, visits.last, id=b"leaf")
    open = columns_of([now - HOUR])
    span = Span(now - 3 * HOUR, now)
    around = held_by(Fold(blocks=[unread, read], open=open), BUY, span)
    assert (around.since.before, around.since.after) == (old.last, open.first)
    assert (around.until.before, around.until.after) == (open.last, None)
    around = held_by(Fold(blocks=[unread, read]), BUY, span)
    assert (around.since.before, around.since.after, around.until.before) == (old.last, None, old.last)
