"""Figures of `cdnow` against its file, which is read here with nothing of ours."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.datasets import cdnow
from gateway.datasets.cdnow import Purchase
from gateway.datasets.dataset import Customer
from gateway.datasets.loading import load
from storage.aggregates import aggregate_of, window_of
from storage.engines.columns import Columns
from storage.engines.evaluation import evaluate
from storage.engines.windows import span_of
from storage.store.ids import to_public
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from tests.support.asking import asking
from tests.support.demo_data import NOW

LOADED = 40
Row = tuple[str, int, Decimal]  # the day as the file has it, the quantity, dollars
QUERY = """query ($id: ID!) { profile(by: {id: $id}) { analyses { aggregates { definition { name } matched skipped
  value { ... on NumberValue { number } ... on DateValue { date } ... on ArrayValue { items }
    ... on TableValue { rows } } } } } }"""


@pytest.fixture(scope="session")
def rows(cdnow_file: Path) -> Mapping[str, Sequence[Row]]:
    """Return the rows of each customer by day, those of one day in the order of the file."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for line in cdnow_file.read_text().splitlines():
        parts = line.split()
        if parts and parts[0].isdigit():
            found[parts[0]].append((parts[1], int(parts[2]), Decimal(parts[3])))
    return {customer: sorted(each, key=lambda row: row[0]) for customer, each in found.items()}


def expected(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the figures that have one plain number each, as a shop's bookkeeper would add them up."""
    amounts = [amount for _, _, amount in rows]
    return {
        "revenue": float(sum(amounts)),
        "orders": len(rows),
        "averageOrder": float(sum(amounts) / len(amounts)),
        "largestOrder": float(max(amounts)),
        "smallestOrder": float(min(amounts)),
        "medianOrder": float(sorted(amounts)[(len(amounts) + 1) // 2 - 1]),
        "quantity": sum(quantity for _, quantity, _ in rows),
        "largeOrders": sum(amount >= 100 for amount in amounts),
        "revenue1997": float(sum(amount for day, _, amount in rows if day.startswith("1997"))),
        "revenue1998": float(sum(amount for day, _, amount in rows if day.startswith("1998"))),
    }


def day_of(told: str) -> str:
    return datetime.fromisoformat(told).astimezone(UTC).strftime("%Y%m%d")


def values(customer: Customer[Purchase], *names: str) -> dict[str, Any]:
    """Return the figures of a customer from columns in memory: those of the names, or all."""
    columns = [Columns.of([cdnow.event("demo", purchase, NOW) for purchase in customer.rows])]
    return {
        each["name"]: evaluate(aggregate_of(each), columns, span_of(window_of(each), NOW, ZoneInfo("UTC"))).value
        for each in cdnow.DATASET.figures
        if not names or each["name"] in names
    }


def test_everybody_together_paid_what_the_source_is_known_for(
    buyers: Sequence[Customer[Purchase]], rows: Mapping[str, Sequence[Row]]
) -> None:
    assert len(cdnow.DATASET.figures) >= 10
    revenue, orders = Decimal(), 0
    for number, customer in enumerate(buyers):
        found = values(customer) if number % 25 == 0 else values(customer, "revenue", "orders")
        wanted = expected(rows[customer.id])
        compared = wanted.keys() & found.keys()
        assert {name: found[name] for name in compared} == {name: wanted[name] for name in compared}, customer.id
        revenue += Decimal(repr(found["revenue"]))
        orders += found["orders"]
    assert (str(revenue), orders, len(buyers)) == ("2500315.63", 69_659, 23_570)


async def test_recency_and_frequency_are_those_of_the_file(
    database: Database, cdnow_file: Path, rows: Mapping[str, Sequence[Row]]
) -> None:
    await load(database, "demo", cdnow.DATASET, cdnow_file, limit=LOADED)
    workspace = Workspace(database, "demo")
    ask = asking(workspace)
    profiles = await workspace.find("profiles", {})
    assert len(profiles) == LOADED
    repeated = 0
    for profile in profiles:
        answer = await ask(QUERY, id=to_public("prf", profile["_id"]))
        figures = {figure["definition"]["name"]: figure for figure in answer["profile"]["analyses"]["aggregates"]}
        assert figures.keys() == {each["name"] for each in cdnow.DATASET.figures}
        bought = rows[profile["identities"]["customId"]]
        wanted = expected(bought)
        assert {name: figures[name]["value"]["number"] for name in wanted} == wanted
        first, last = figures["firstPurchase"]["value"]["date"], figures["lastPurchase"]["value"]["date"]
        assert (day_of(first), day_of(last)) == (bought[0][0], bought[-1][0])
        latest = [float(amount) for _, _, amount in reversed(bought)][:5]
        assert figures["latestAmounts"]["value"]["items"] == latest
        quantities = [quantity for _, quantity, _ in bought]
        counts = [[each, quantities.count(each)] for each in dict.fromkeys(quantities)]
        assert figures["usualQuantity"]["value"]["rows"] == sorted(counts, key=lambda row: -row[1])[:3]
        assert {figure["skipped"] for figure in figures.values()} == {0}
        repeated += len(bought) > 1
    assert repeated > 10


@pytest.mark.parametrize(
    ("customer", "frequency", "recency", "spent"),
    [("00002", 2, 0, "89.00"), ("00003", 6, 511, "156.46"), ("00005", 11, 367, "385.61")],
)
def test_named_customers(
    buyers: Sequence[Customer[Purchase]], customer: str, frequency: int, recency: int, spent: str
) -> None:
    found = values(next(each for each in buyers if each.id == customer))
    days = (found["lastPurchase"].date() - found["firstPurchase"].date()).days
    assert (found["orders"], days, f"{found['revenue']:.2f}") == (frequency, recency, spent)
