"""Statistics of a profile: figures on orders, emails, pushes and dynamic content (R53)."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from resolvers.aggregates import zones
from resolvers.context import Context
from resolvers.data_sets import DataColumnDoc, DataSetDoc, DataType, DataWindowDoc, bucket, bucket_columns, column
from storage.aggregates import WindowDoc, as_window, filter_of
from storage.columns.histories import History, Question
from storage.credentials import Scope
from storage.engines import numbers
from storage.engines.aggregates import MILLISECOND, Aggregate, Function, Result
from storage.engines.windows import Span, Unit, span_of
from storage.profiles import ProfileDoc
from storage.statistics_settings import StatisticsFigure, StatisticsSettingsDoc, events_of
from storage.store.errors import BadInputError

MOST_CURRENCIES = 20
MOST_ORDERS = 100_000
DAY = timedelta(days=1)
ROWS_A_TURN = 20
Figures = Mapping[str, Any]
ByCurrency = Mapping[str | None, Sequence[Result]]
# What a series has, by the part of statistics that it is of.
RATES = {
    "openRate": ("uniqueOpened", "delivered"),
    "clickRate": ("uniqueClicked", "delivered"),
    "clickToOpenRate": ("uniqueClicked", "uniqueOpened"),
}
CLICK_RATE = {"clickRate": ("clicked", "shown")}


class MoneyDoc(TypedDict):
    """An amount; `currency` is None where events tell none."""

    currency: str | None
    amount: int | float


class RefundsDoc(TypedDict):
    """What was cancelled or returned; amounts are None when masked."""

    count: int
    amounts: list[MoneyDoc] | None


class TransactionsDoc(TypedDict):
    """Figures on orders; `asked` is what they are of."""

    count: int
    revenue: list[MoneyDoc] | None
    averageOrderValue: list[MoneyDoc] | None
    items: int | float | None
    firstAt: datetime | None
    lastAt: datetime | None
    daysSinceLast: int | None
    refunds: RefundsDoc
    masked: bool
    asked: "Statistics"


class EmailDoc(TypedDict):
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


class PushDoc(TypedDict):
    """Figures on notifications of one channel."""

    sent: int
    shown: int
    clicked: int
    subscribed: int
    unsubscribed: int
    clickRate: float | None


class DynamicContentDoc(TypedDict):
    """Figures on dynamic content."""

    shown: int
    clicked: int
    closed: int
    clickRate: float | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """What statistics of a profile are asked of: a window in an operation at `now`."""

    profile: bytes
    settings: StatisticsSettingsDoc
    week_start: int
    span: Span
    zone: ZoneInfo
    granularity: Unit
    now: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One part of statistics, such as email: its figures, and the rates of two of them."""

    figures: Mapping[str, Aggregate]
    rates: Mapping[str, tuple[str, str]]


async def statistics_of_each(
    context: Context, found: Sequence[ProfileDoc], *, window: WindowDoc, time_zone: str, granularity: Unit | None
) -> list[Statistics]:
    """Return what statistics of each profile are asked of; raises `BadInputError` for no window, or no zone.

    Without a granularity it is that which suits the window.
    """
    context.credential.require(Scope.PROFILES_READ)
    if time_zone not in zones():
        raise BadInputError("This is no IANA zone, for example Europe/Warsaw.", argument="timeZone")
    analytics = await context.loaders.analytics.load(context.workspace.id)
    zone = ZoneInfo(time_zone)
    span = span_of(as_window(window), context.now, zone, week_start=analytics.week_start)
    context.loaders.asked.update((profile["_id"], profile) for profile in found)
    buckets = granularity or granularity_for(span)
    return [
        Statistics(profile["_id"], analytics.settings, analytics.week_start, span, zone, buckets, context.now)
        for profile in found
    ]


def granularity_for(span: Span) -> Unit:
    """Return the length of buckets that suits a window: hours up to two days, days up to two months, else months."""
    if span.since is None or span.until is None:
        return Unit.MONTHS
    length = span.until - span.since
    return Unit.HOURS if length <= 2 * DAY else Unit.DAYS if length <= 62 * DAY else Unit.MONTHS


def messages(settings: StatisticsSettingsDoc) -> Part:
    """Return the figures of emails: unique opens and clicks are of messages, by their id."""
    counted = counts(settings, "EMAIL")
    by_message = {"param": settings["params"]["message"]}
    unique = {
        "uniqueOpened": aggregate(settings, StatisticsFigure.EMAIL_OPENED, Function.DISTINCT_COUNT, **by_message),
        "uniqueClicked": aggregate(settings, StatisticsFigure.EMAIL_CLICKED, Function.DISTINCT_COUNT, **by_message),
    }
    return Part({**counted, **unique}, RATES)


def web_pushes(settings: StatisticsSettingsDoc) -> Part:
    return Part(counts(settings, "WEB_PUSH"), CLICK_RATE)


def mobile_pushes(settings: StatisticsSettingsDoc) -> Part:
    return Part(counts(settings, "MOBILE_PUSH"), CLICK_RATE)


def dynamic_contents(settings: StatisticsSettingsDoc) -> Part:
    return Part(counts(settings, "DYNAMIC_CONTENT"), CLICK_RATE)


def orders(settings: StatisticsSettingsDoc) -> Part:
    """Return the figures of orders: an amount is never a value of its own, but one of each currency."""
    params = settings["params"]
    charged, cancelled = StatisticsFigure.CHARGED, StatisticsFigure.CANCELLED
    amounts: dict[str, Any] = {"param": params["amount"], "split": params["currency"]}
    return Part(
        {
            "count": aggregate(settings, charged, Function.COUNT),
            "charges": aggregate(settings, charged, Function.SUM, **amounts),
            "items": aggregate(settings, charged, Function.SUM, param=params["items"]),
            "firstAt": aggregate(settings, charged, Function.FIRST_AT),
            "lastAt": aggregate(settings, charged, Function.LAST_AT),
            "refunds": aggregate(settings, cancelled, Function.SUM, once=params["order"], **amounts),
        },
        {},
    )


def counts(settings: StatisticsSettingsDoc, prefix: str) -> dict[str, Aggregate]:
    """Return how many events each of the figures with a prefix counts: `WEB_PUSH_SENT` is `sent`."""
    found = {}
    for figure in StatisticsFigure:
        if figure.startswith(f"{prefix}_"):
            first, *words = figure.removeprefix(f"{prefix}_").lower().split("_")
            found[first + "".join(map(str.capitalize, words))] = aggregate(settings, figure, Function.COUNT)
    return found


def aggregate(settings: StatisticsSettingsDoc, figure: StatisticsFigure, function: Function, **more: Any) -> Aggregate:
    events = events_of(settings)[figure]
    return Aggregate(function, tuple(events["actions"]), filters=tuple(map(filter_of, events["filters"])), **more)


async def figures_of(context: Context, asked: Statistics, part: Part) -> Figures:
    """Return the figures of a part over the whole window, with their rates."""
    results = await results_of(context, asked, part, (asked.span.since, asked.span.until))
    return {name: of_spans[0] for name, of_spans in results.items()}


async def results_of(
    context: Context, asked: Statistics, part: Part, bounds: tuple[datetime | None, ...]
) -> dict[str, list[Result]]:
    """Ask for all figures of a part at once, so that they share one reading with what else is asked."""
    loader = context.loaders.results(whole=context.sees_personal)
    questions = [Question(each, bounds) for each in part.figures.values()]
    answers = await loader.load_many((asked.profile, question) for question in questions)
    return dict(zip(part.figures, answers, strict=True))


async def counts_of(context: Context, asked: Statistics, part: Part) -> Figures:
    """Return the counts and rates of a part whose figures are numbers of events."""
    return {**with_rates(part, await figures_of(context, asked, part)), "asked": asked}


def with_rates(part: Part, results: Mapping[str, Result]) -> dict[str, Any]:
    values = {name: result.value for name, result in results.items()}
    return {**values, **{name: rate(values[of], values[by]) for name, (of, by) in part.rates.items()}}


def rate(of: int, by: int) -> float | None:
    """Return a share; None without a denominator."""
    return of / by if by else None


async def email_of(context: Context, asked: Statistics) -> Figures:
    return await counts_of(context, asked, messages(asked.settings))


async def web_push_of(context: Context, asked: Statistics) -> Figures:
    return await counts_of(context, asked, web_pushes(asked.settings))


async def mobile_push_of(context: Context, asked: Statistics) -> Figures:
    return await counts_of(context, asked, mobile_pushes(asked.settings))


async def dynamic_content_of(context: Context, asked: Statistics) -> Figures:
    return await counts_of(context, asked, dynamic_contents(asked.settings))


async def transactions_of(context: Context, asked: Statistics) -> TransactionsDoc:
    """Return the figures of orders. What is made of amounts or items is null for who does not see parameters (X5).

    Revenue is charges less cancels, each order cancelled once; the average is of the charges that have an amount.
    """
    found = await figures_of(context, asked, orders(asked.settings))
    last: datetime | None = found["lastAt"].value
    charges, refunds = by_currency(found["charges"]), by_currency(found["refunds"])
    shown: Any = {"revenue": None, "averageOrderValue": None, "items": None, "amounts": None}
    if context.sees_personal:
        shown = {
            "revenue": [money(name, less(charges, refunds, name)) for name in currencies(charges, refunds)],
            "averageOrderValue": [money(name, average(each)) for name, each in charges.items() if number_of(each)],
            "items": found["items"].value,
            "amounts": [money(name, total([each])) for name, each in refunds.items() if number_of(each)],
        }
    return {
        "count": found["count"].value,
        "revenue": shown["revenue"],
        "averageOrderValue": shown["averageOrderValue"],
        "items": shown["items"],
        "firstAt": found["firstAt"].value,
        "lastAt": last,
        "daysSinceLast": None if last is None else max(0, (asked.now - last) // DAY),
        "refunds": {"count": found["refunds"].matched, "amounts": shown["amounts"]},
        "masked": not context.sees_personal,
        "asked": asked,
    }


def by_currency(result: Result) -> dict[str | None, list[Result]]:
    """Return the results of each currency; those of events whose currency is no text are under None."""
    found: dict[str | None, list[Result]] = {}
    for currency, group in result.groups:
        found.setdefault(currency if isinstance(currency, str) else None, []).append(group)
    return found


def currencies(*amounts: Mapping[str | None, Sequence[Result]]) -> list[str | None]:
    """Return the currencies in which there is any amount, in the order in which they occurred first."""
    return [
        name
        for name in {name: 0 for each in amounts for name in each}
        if any(number_of(each.get(name, ())) for each in amounts)
    ]


def number_of(groups: Sequence[Result]) -> int:
    """Return how many events have an amount."""
    return sum(group.matched - group.skipped for group in groups)


def total(groups: Sequence[Sequence[Result]], signs: Sequence[int] = (1,)) -> int | float:
    parts = [
        ([sign * result.exact.units], result.exact.scale)
        for results, sign in zip(groups, signs, strict=True)
        for result in results
        if result.exact is not None
    ]
    return numbers.told(numbers.total(parts))


def less(charges: ByCurrency, refunds: ByCurrency, name: str | None) -> int | float:
    return total([charges.get(name, ()), refunds.get(name, ())], (1, -1))


def average(groups: Sequence[Result]) -> int | float:
    units, scale = numbers.total(([each.exact.units], each.exact.scale) for each in groups if each.exact is not None)
    return numbers.quotient(units, number_of(groups) * 10**scale)


def money(currency: str | None, amount: float) -> MoneyDoc:
    return {"currency": currency, "amount": amount}


async def median_days_between(context: Context, figures: Figures) -> float | None:
    """Return the median number of days of 24 hours between orders, by nearest rank; None with fewer than two.

    Raises `BadInputError` for a window with more than 100,000 orders.
    """
    asked: Statistics = figures["asked"]
    history = await history_of(context, asked)
    charges = orders(asked.settings).figures["count"]
    ids = await history.counted(charges, asked.span, limit=MOST_ORDERS + 1)
    if len(ids) > MOST_ORDERS:
        raise BadInputError(f"There are more than {MOST_ORDERS:,} orders in this window; choose a shorter one.")
    times = [int.from_bytes(id[:6], "big") for id in reversed(ids)]
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    return gaps[(len(gaps) - 1) // 2] / (DAY // MILLISECOND) if gaps else None


async def history_of(context: Context, asked: Statistics) -> History:
    return await context.loaders.histories(whole=context.sees_personal).load(asked.profile)


async def seq_of(context: Context, asked: Statistics) -> int:
    return (await history_of(context, asked)).seq


async def bounds_of(context: Context, asked: Statistics) -> tuple[datetime, ...]:
    history = await history_of(context, asked)
    return history.buckets(asked.span, asked.granularity, asked.zone, week_start=asked.week_start, now=asked.now)


async def series_of(context: Context, figures: Figures, part: Part) -> DataSetDoc:
    """Return each figure and rate of a part for each bucket."""
    asked: Statistics = figures["asked"]
    bounds = await bounds_of(context, asked)
    results = await results_of(context, asked, part, bounds)
    names = [*part.figures, *part.rates]
    buckets = [
        with_rates(part, {name: of_spans[place] for name, of_spans in results.items()})
        for place in range(len(bounds) - 1)
    ]
    columns = [column(name, DataType.NUMBER, unit="ratio" if name in part.rates else "events") for name in names]
    return data_set(
        asked, await seq_of(context, asked), bounds, columns, [[each[name] for name in names] for each in buckets]
    )


async def email_series(context: Context, figures: Figures) -> DataSetDoc:
    return await series_of(context, figures, messages(figures["asked"].settings))


async def web_push_series(context: Context, figures: Figures) -> DataSetDoc:
    return await series_of(context, figures, web_pushes(figures["asked"].settings))


async def mobile_push_series(context: Context, figures: Figures) -> DataSetDoc:
    return await series_of(context, figures, mobile_pushes(figures["asked"].settings))


async def dynamic_content_series(context: Context, figures: Figures) -> DataSetDoc:
    return await series_of(context, figures, dynamic_contents(figures["asked"].settings))


async def transaction_series(context: Context, figures: Figures) -> DataSetDoc:
    """Return orders, items and refunds for each bucket, and for each currency revenue and average order value."""
    asked: Statistics = figures["asked"]
    bounds = await bounds_of(context, asked)
    figures_of_all = orders(asked.settings).figures
    part = Part({name: figures_of_all[name] for name in ("count", "charges", "items", "refunds")}, {})
    results = await results_of(context, asked, part, bounds)
    charges = [by_currency(result) for result in results["charges"]]
    refunds = [by_currency(result) for result in results["refunds"]]
    columns = [column("count", DataType.NUMBER, unit="orders"), column("refunds", DataType.NUMBER, unit="refunds")]
    rows: list[list[Any]] = [
        [count.value, refund.matched] for count, refund in zip(results["count"], results["refunds"], strict=True)
    ]
    if context.sees_personal:
        columns.append(column("items", DataType.NUMBER, unit="items"))
        names = currencies(*charges, *refunds)
        if len(names) > MOST_CURRENCIES:
            raise BadInputError(f"A series has at most {MOST_CURRENCIES} currencies, and these are {len(names)}.")
        for name in names:
            suffix = f".{name}" if name else ""
            columns.append(column(f"revenue{suffix}", DataType.NUMBER, currency=name))
            columns.append(column(f"averageOrderValue{suffix}", DataType.NUMBER, currency=name))
        for place, row in enumerate(rows):
            row.append(results["items"][place].value)
            row.extend(money_of_bucket(charges[place], refunds[place], names))
            if place % ROWS_A_TURN == 0:
                await asyncio.sleep(0)
    return data_set(asked, await seq_of(context, asked), bounds, columns, rows)


def money_of_bucket(charges: ByCurrency, refunds: ByCurrency, names: Sequence[str | None]) -> Iterator[float | None]:
    """Yield the revenue and the average order value of each currency; most buckets have few of them."""
    for name in names:
        charged = charges.get(name, ())
        yield less(charges, refunds, name) if charged or name in refunds else 0
        yield average(charged) if number_of(charged) else None


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
