"""The two queries over a store with demo data: the gateway, and the same schema served by Yoga and Mercurius."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.peers.dividing import PARTS, divide
from bench.peers.documents import TOKEN
from bench.peers.measure import Figures, leaves, measure
from bench.peers.queries import Query, dashboard, small
from bench.peers.report import a_table, markdown, number, publish
from bench.peers.servers import Variant, node
from bench.peers.store import CUSTOMERS, NAME, WORKSPACE, Stores, stores

COLUMNS = ("", "CPU, ms", "req/s of CPU", "latency, ms")


def gateway_settings(found: Stores, directory: Path) -> dict[str, str]:
    return {
        "GATEWAY_MONGODB_URI": found.mongodb,
        "GATEWAY_MONGODB_DATABASE": NAME,
        "GATEWAY_REDIS_URL": found.redis,
        "GATEWAY_DATA_DIR": str(directory),
        "GATEWAY_STORE_TIMEOUT": "30",
        "GATEWAY_OPERATION_TIMEOUT": "60",
        "GATEWAY_COMPILER": "true",
        "GATEWAY_LOG_FORMAT": "json",
    }


def variants(found: Stores, directory: Path) -> list[Variant]:
    database = {"MONGODB_URI": found.mongodb, "MONGODB_DATABASE": NAME, "WORKSPACE": WORKSPACE}

    def gateway(key: str, title: str, driver: str) -> Variant:
        settings = {**gateway_settings(found, directory / key), "GATEWAY_MONGODB_DRIVER": driver}
        return Variant(key, title, (sys.executable, "-m", "gateway.cli.main", "serve"), settings)

    return [
        gateway("gateway", "gateway", "motor"),
        gateway("gateway-pymongo", "gateway, pymongo", "pymongo"),
        node("yoga", "graphql-yoga", **database),
        node("mercurius-jit", "Mercurius, jit", **database),
    ]


async def measure_over_store(names: list[str], *, rounds: int, directory: Path) -> bool:
    """Measure, print and publish; nothing is promised here but the same answers."""
    async with stores() as found:
        known = {query.name: query for query in (dashboard(), small(found.profile))}
        queries = [known[name] for name in names or known]
        served = variants(found, directory)
        options: dict[str, Any] = {"token": TOKEN, "directory": directory}
        figures = await asyncio.to_thread(measure, served, queries, rounds=rounds, pressed=0, **options)
        divided = await asyncio.to_thread(divide, queries, gateway_settings(found, directory / "divided"), **options)
    text = [tell(query, served, figures) for query in queries]
    rows = [(title, *(f"{divided[query.name][part]:.2f}" for query in queries)) for part, title in PARTS.items()]
    columns = ("gateway, ms", *(query.name for query in queries))
    a_table("Where the time of a request goes", columns, rows)
    results = {
        "rounds": rounds,
        "profiles": CUSTOMERS,
        "queries": {query.name: results_of(query, served, figures) for query in queries},
        "milliseconds": divided,
    }
    publish("stored", "\n\n".join([*text, markdown(columns, rows)]), results)
    return True


def tell(query: Query, served: Sequence[Variant], figures: Figures) -> str:
    """Print the table of a query, and return it for the page."""
    answer = figures.answers[query.name]
    title = f"{query.name.capitalize()} query over a store: {leaves(answer):,} values, {len(answer) / 1000:.1f} KB"
    rows = [
        (
            variant.title,
            f"{figures.cpu(variant.key, query.name):.3f}",
            number(1000 / figures.cpu(variant.key, query.name)),
            f"{figures.latency(variant.key, query.name):.2f}",
        )
        for variant in served
    ]
    a_table(title, COLUMNS, rows)
    return f"{title}\n\n{markdown(COLUMNS, rows)}"


def results_of(query: Query, served: Sequence[Variant], figures: Figures) -> dict[str, Any]:
    return {
        variant.key: {
            "cpuMilliseconds": figures.cpu(variant.key, query.name),
            "latencyMilliseconds": figures.latency(variant.key, query.name),
        }
        for variant in served
    }
