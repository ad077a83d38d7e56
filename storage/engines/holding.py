"""How long a window has the same events though time passes: until one enters or leaves it, or clocks are changed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.engines.evaluation import id_range
from storage.engines.windows import Span, Window, WindowKind, later
from storage.store.ids import EPOCH, time_of

# Days begin, and clocks go on or back, at whole quarters of an hour of UTC, whatever the zone.
QUARTER = timedelta(minutes=15)
PASSED = timedelta(microseconds=1)  # an instant has passed an event when it is later
STANDING = frozenset({WindowKind.LIFETIME, WindowKind.BETWEEN})  # whatever the time is
UP_TO_NOW = frozenset({WindowKind.TODAY, WindowKind.THIS})


@dataclass(frozen=True, slots=True)
class Around:
    """The ids of the last event before a bound and of the first one from it on; None where there is none."""

    before: bytes | None
    after: bytes | None

    def holds(self, bound: bytes) -> bool:
        """Return whether a bound has the same events before it."""
        return (self.before is None or self.before < bound) and (self.after is None or bound <= self.after)


@dataclass(frozen=True, slots=True)
class Held:
    """The events around the bounds of a window, which has the same ones until a bound passes one of them."""

    since: Around
    until: Around

    def holds(self, span: Span) -> bool:
        """Return whether what the window has become has the same events."""
        least, beyond = id_range(span)
        return self.since.holds(least) and self.until.holds(beyond)

    def look_at(self, window: Window, span: Span, now: datetime) -> datetime | None:
        """Return the instant at which the window, which is `span` now, has to be looked at again; None is never.

        Until the next quarter of an hour its bounds stand still or move with the time.
        """
        if window.kind in STANDING:
            return None
        rolls = window.kind is WindowKind.LAST and not window.calendar
        instants = [next_quarter(now)]
        if (rolls or window.kind in UP_TO_NOW) and self.until.after is not None:
            instants.append(later(time_of(self.until.after), PASSED))
        if rolls and span.since is not None and self.since.after is not None:
            instants.append(later(now, time_of(self.since.after) - span.since + PASSED))
        return min(instants)


def next_quarter(now: datetime) -> datetime:
    """Return the beginning of the next quarter of an hour."""
    return now + QUARTER - (now - EPOCH) % QUARTER
