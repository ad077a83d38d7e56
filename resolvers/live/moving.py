"""What changes by the clock alone: windows that events enter and leave, and the days that have passed since one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from storage.engines.holding import Held
from storage.engines.windows import Span, Window, later, span_of

DAY = timedelta(days=1)


class Moving(Protocol):
    """Something that stays the same while it `holds`, and has to be looked at again at some instant."""

    def holds(self, now: datetime) -> bool: ...

    def look_at(self, now: datetime) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class MovingWindow:
    """A window, and the events that it holds."""

    window: Window
    zone: ZoneInfo
    week_start: int
    held: Held

    def holds(self, now: datetime) -> bool:
        return self.held.holds(self.span(now))

    def look_at(self, now: datetime) -> datetime | None:
        return self.held.look_at(self.window, self.span(now), now)

    def span(self, now: datetime) -> Span:
        return span_of(self.window, now, self.zone, week_start=self.week_start)


@dataclass(frozen=True, slots=True)
class DaysSince:
    """Whole periods of 24 hours since an instant."""

    at: datetime
    days: int

    def holds(self, now: datetime) -> bool:
        return now < self.over

    def look_at(self, now: datetime) -> datetime | None:  # noqa: ARG002 - the same whenever it is
        return self.over

    @property
    def over(self) -> datetime:
        return later(self.at, (self.days + 1) * DAY)
