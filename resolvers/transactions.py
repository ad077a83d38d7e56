"""Statistics on orders: their number and times, and what they came to in each currency (R53)."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, TypedDict

from resolvers.context import Context
from resolvers.data_sets import DataSetDoc, DataType, column
from resolvers.statistics import DAY, Statistics, bounds_of, data_set, history_of, results_of, seq_of
from resolvers.statistics_parts import TRANSACTIONS
from storage.engines import numbers
from storage.engines.aggregates import Result
from storage.engines.evaluation import MILLISECOND
from storage.store.errors import BadInputError

MOST_CURRENCIES = 20
MOST_ORDERS = 100_000
ROWS_A_TURN = 20
ByCurrency = Mapping[str | None, Sequence[Result]]
IN_SERIES = ("count", "charges", "items", "refunds")


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
    asked: Statistics


async def transactions_of(context: Context, asked: Statistics) -> TransactionsDoc:
    """Return the figures of orders. What is made of amounts or items is null for who does not see parameters (X5).

    Revenue is charges less cancels, each order cancelled once; the average is of the charges that have an amount.
    """
    figures = asked.parts[TRANSACTIONS].figures
    results = await results_of(context, asked, figures, (asked.span.since, asked.span.until))
    found = {name: of_spans[0] for name, of_spans in results.items()}
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


async def median_days_between(context: Context, figures: TransactionsDoc) -> float | None:
    """Return the median number of days of 24 hours between orders, by nearest rank; None with fewer than two.

    Raises `BadInputError` for a window with more than 100,000 orders.
    """
    asked = figures["asked"]
    history, charges = await history_of(context, asked), asked.parts[TRANSACTIONS].figures["count"]
    ids = await history.counted(charges, asked.span, limit=MOST_ORDERS + 1)
    if len(ids) > MOST_ORDERS:
        raise BadInputError(f"There are more than {MOST_ORDERS:,} orders in this window; choose a shorter one.")
    times = [int.from_bytes(id[:6], "big") for id in reversed(ids)]
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    return gaps[(len(gaps) - 1) // 2] / (DAY // MILLISECOND) if gaps else None


async def transaction_series(context: Context, figures: TransactionsDoc) -> DataSetDoc:
    """Return orders, items and refunds for each bucket, and for each currency revenue and average order value."""
    asked = figures["asked"]
    bounds, orders = await bounds_of(context, asked), asked.parts[TRANSACTIONS].figures
    results = await results_of(context, asked, {name: orders[name] for name in IN_SERIES}, bounds)
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
