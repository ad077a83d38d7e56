"""When the visits of `ecom` took place: the source's days moved by whole days, in the hours of the visitor's home."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.datasets.choices import fraction
from gateway.datasets.places import Place

NEWEST_DAY = date(2024, 6, 29)  # of the source
DAY = timedelta(days=1)
OPENS, CLOSES = 9, 20  # hours in which the shop's people answer


@dataclass(frozen=True, slots=True)
class Clock:
    """A visitor's clock: the source's times, which have no zone, are its local times `days` days before."""

    zone: ZoneInfo
    days: timedelta
    anchor: datetime

    def at(self, local: datetime) -> datetime:
        return (local + self.days).replace(tzinfo=self.zone).astimezone(self.anchor.tzinfo)

    def morning(self, day: date, hour: int, *subject: str) -> datetime:
        """Return a moment of the hour after `hour` on a day of the source, spread as mailings are sent."""
        return self.at(datetime.combine(day, time(hour)) + timedelta(hours=1) * fraction(*subject, "minute"))

    def office_hours(self, since: datetime, days: float, *subject: str) -> datetime:
        """Return a moment in which the shop is open, on one of the `days` days after that of `since`."""
        first = since.astimezone(self.zone).date() + DAY
        day = first + DAY * int(fraction(*subject, "day") * days)
        hours = OPENS + (CLOSES - OPENS) * fraction(*subject, "hour")
        local = datetime.combine(day, time(), tzinfo=self.zone) + timedelta(seconds=int(hours * 3600))
        return local.astimezone(self.anchor.tzinfo)


def clock_of(home: Place, newest: datetime, anchor: datetime) -> Clock:
    """Return the clock that puts the source's newest day on the day of the anchor, or earlier if that is not over.

    `newest` is the visitor's own newest time in the source: nothing may lie in the future.
    """
    days = timedelta(days=(anchor.date() - NEWEST_DAY).days)
    zone = ZoneInfo(home.zone)
    while Clock(zone, days, anchor).at(newest) > anchor:
        days -= DAY
    return Clock(zone, days, anchor)
