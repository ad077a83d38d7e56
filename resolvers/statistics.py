"""Statistics of a profile: what is asked, and figures that are numbers of events (R53)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from resolvers.aggregates import NO_ZONE, zones
from resolvers.context import Context
from resolvers.data_sets import DataColumnDoc, DataSetDoc, DataType, DataWindowDoc, bucket, bucket_columns, column
from resolvers.statistics_parts import Part, parts_of
from storage.aggregates import WindowDoc, as_window
from storage.columns.histories import History, Question
from storage.credentials import Scope
from storage.engines.aggregates import Aggregate, Result
from storage.engines.windows import Span, Unit, span_of
from storage.profiles import ProfileDoc
from storage.statistics_settings import StatisticsSettingsDoc
from storage.store.errors import BadInputError

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Statistics:
    """What statistics of a profile are asked of: a window in an operation at `now`."""

    profile: bytes
    settings: StatisticsSettingsDoc
    parts: Mapping[str, Part]
    week_start: int
    span: Span
    zone: ZoneInfo
    granularity: Unit
    now: datetime


class CountsDoc(TypedDict):
    """What counts were asked of, and the part that they are."""

    asked: Statistics
    part: str


class EmailDoc(CountsDoc):
    """Figures on emails."""

    sent: int
    delivered: int
    opened: int
    uniqueOpened: int
    clicked: int
    uniqueClicked: int
    bouncedHard: int
    bouncedSoft: int
    unsubscribed: int
    openRate: float | None
    clickRate: float | None
    clickToOpenRate: float | None


class PushDoc(CountsDoc):
    """Figures on notifications of one channel."""

    sent: int
    shown: int
    clicked: int
    subscribed: int
    unsubscribed: int
    clickRate: float | None


class DynamicContentDoc(CountsDoc):
    """Figures on dynamic content."""

    shown: int
    clicked: int
    closed: int
    clickRate: float | None


async def statistics_of_each(
    context: Context, found: Sequence[ProfileDoc], *, window: WindowDoc, time_zone: str, granularity: Unit | None
) -> list[Statistics]:
    """Return what statistics of each profile are asked of; raises `BadInputError` for no window, or no zone.

    Without a granularity it is that which suits the window.
    """
    context.credential.require(Scope.PROFILES_READ)
    if time_zone not in zones():
        raise BadInputError(NO_ZONE, argument="timeZone")
    analytics = await context.loaders.analytics.load(context.workspace.id)
    zone = ZoneInfo(time_zone)
    span = span_of(as_window(window), context.now, zone, week_start=analytics.week_start)
    context.loaders.asked.update((profile["_id"], profile) for profile in found)
    buckets, parts = granularity or granularity_for(span), parts_of(analytics.settings)
    return [
        Statistics(profile["_id"], analytics.settings, parts, analytics.week_start, span, zone, buckets, context.now)
        for profile in found
    ]


def granularity_for(span: Span) -> Unit:
    """Return the length of buckets that suits a window: hours up to two days, days up to two months, else months."""
    if span.since is None or span.until is None:
        return Unit.MONTHS
    length = span.until - span.since
    return Unit.HOURS if length <= 2 * DAY else Unit.DAYS if length <= 62 * DAY else Unit.MONTHS


async def counts_of(context: Context, asked: Statistics, *, part: str) -> dict[str, Any]:
    """Return the figures of a part over the whole window, which are numbers of events, with their rates."""
    results = await results_of(context, asked, asked.parts[part].figures, (asked.span.since, asked.span.until))
    whole = {name: of_spans[0] for name, of_spans in results.items()}
    return {**with_rates(asked.parts[part], whole), "asked": asked, "part": part}


async def results_of(
    context: Context, asked: Statistics, figures: Mapping[str, Aggregate], bounds: tuple[datetime | None, ...]
) -> dict[str, list[Result]]:
    """Ask for figures at once, so that they share one reading with what else is asked."""
    loader = context.loaders.results(whole=context.sees_personal)
    questions = [Question(each, bounds) for each in figures.values()]
    answers = await loader.load_many((asked.profile, question) for question in questions)
    return dict(zip(figures, answers, strict=True))


def with_rates(part: Part, results: Mapping[str, Result]) -> dict[str, Any]:
    values = {name: result.value for name, result in results.items()}
    return {**values, **{name: rate(values[of], values[by]) for name, (of, by) in part.rates.items()}}


def rate(of: int, by: int) -> float | None:
    """Return a share; None without a denominator."""
    return of / by if by else None


async def history_of(context: Context, asked: Statistics) -> History:
    return await context.loaders.histories(whole=context.sees_personal).load(asked.profile)


async def seq_of(context: Context, asked: Statistics) -> int:
    return (await history_of(context, asked)).seq


async def bounds_of(context: Context, asked: Statistics) -> tuple[datetime, ...]:
    history = await history_of(context, asked)
    return history.buckets(asked.span, asked.granularity, asked.zone, week_start=asked.week_start, now=asked.now)


async def series_of(context: Context, counts: CountsDoc) -> DataSetDoc:
    """Return each figure and rate of a part for each bucket."""
    asked = counts["asked"]
    part, bounds = asked.parts[counts["part"]], await bounds_of(context, asked)
    results = await results_of(context, asked, part.figures, bounds)
    names = [*part.figures, *part.rates]
    buckets = [
        with_rates(part, {name: of_spans[place] for name, of_spans in results.items()})
        for place in range(len(bounds) - 1)
    ]
    columns = [column(name, DataType.NUMBER, unit="ratio" if name in part.rates else "events") for name in names]
    rows = [[each[name] for name in names] for each in buckets]
    return data_set(asked, await seq_of(context, asked), bounds, columns, rows)


def data_set(
    asked: Statistics,
    seq: int,
    bounds: Sequence[datetime],
    columns: Sequence[DataColumnDoc],
    rows: Sequence[Sequence[Any]],
) -> DataSetDoc:
    """Return a time series of a part."""
    return {
        "columns": [*bucket_columns(), *columns],
        "rows": [
            [*bucket(since, until, now=asked.now), *row]
            for (since, until), row in zip(pairwise(bounds), rows, strict=True)
        ],
        "window": window_of(asked),
        "seq": seq,
        "version": asked.settings["version"],
    }


def window_of(asked: Statistics) -> DataWindowDoc:
    return {"since": asked.span.since, "until": asked.span.until, "timeZone": str(asked.zone)}


def granularity_of(asked: Statistics) -> Unit:
    return asked.granularity


def now_of(asked: Statistics) -> datetime:
    return asked.now
