"""The two queries without a store: the gateway with everything on, and its peers, on one core each."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.peers.documents import SEVENTH, TOKEN, write_documents
from bench.peers.load import generator
from bench.peers.measure import Figures, leaves, measure
from bench.peers.queries import TARGETS, Query, dashboard, small
from bench.peers.report import a_table, markdown, number, publish
from bench.peers.rows import write_rows
from bench.peers.servers import Variant, node, python
from gateway.embedded.redis import start_redis

COLUMNS = ("", "CPU, ms", "req/s of CPU", "x Strawberry", "pressed", "latency, ms")
TARGET_COLUMNS = ("gateway beside", "query", "wanted", "requests/s of CPU", "pressed", "")


def variants(directory: Path, redis: str) -> list[Variant]:
    rows, documents = directory / "rows.json", directory / "documents.bson"
    write_rows(rows)
    write_documents(documents)

    def peer(key: str, title: str) -> Variant:
        return node(key, title, DOCUMENTS=str(documents))

    def gateway(key: str, title: str, *, compiler: str) -> Variant:
        settings = {
            "GATEWAY_MONGODB_URI": "mongodb://memory",
            "GATEWAY_REDIS_URL": redis,
            "GATEWAY_DATA_DIR": str(directory / key),
            "GATEWAY_COMPILER": compiler,
            "GATEWAY_LOG_FORMAT": "json",
        }
        return python(key, title, "bench.peers.gateway_server", **settings)

    return [
        gateway("gateway", "gateway", compiler="true"),
        gateway("gateway-uncompiled", "gateway, compiler off", compiler="false"),
        python("hand-written", "hand-written ASGI", "bench.peers.handwritten_server"),
        python("strawberry", "Strawberry, tuned", "bench.peers.strawberry_server"),
        peer("yoga", "graphql-yoga"),
        peer("yoga-jit", "graphql-yoga, jit"),
        peer("apollo", "Apollo Server"),
        peer("mercurius-jit", "Mercurius, jit"),
        node("mercurius-derived", "Mercurius, jit, derived before", VARIANT="mercurius-jit", ROWS=str(rows)),
    ]


async def measure_in_memory(names: list[str], *, rounds: int, directory: Path) -> bool:
    """Measure, print and publish; return whether every target is reached."""
    known = {query.name: query for query in (dashboard(), small(SEVENTH))}
    queries = [known[name] for name in names or known]
    redis = await start_redis(directory, durable=False)
    try:
        served = variants(directory, redis.address)
        figures = await asyncio.to_thread(measure, served, queries, token=TOKEN, rounds=rounds, directory=directory)
    finally:
        await redis.stop()
    text = [tell(query, served, figures) for query in queries]
    rows, reached = targets(queries, figures)
    a_table("Targets", TARGET_COLUMNS, rows)
    results = {
        "rounds": rounds,
        "generator": generator(),
        "queries": {query.name: results_of(query, served, figures) for query in queries},
        "targets": rows,
    }
    publish("queries", "\n\n".join([*text, markdown(TARGET_COLUMNS, rows)]), results)
    return reached


def tell(query: Query, served: Sequence[Variant], figures: Figures) -> str:
    """Print the table of a query, and return it for the page."""
    answer = figures.answers[query.name]
    title = f"{query.name.capitalize()} query: {leaves(answer):,} values, {len(answer) / 1000:.1f} KB"
    rows = [
        (
            variant.title,
            f"{figures.cpu(variant.key, query.name):.3f}",
            number(1000 / figures.cpu(variant.key, query.name)),
            number(figures.times(variant.key, "strawberry", query.name)),
            number(figures.rate(variant.key, query.name)),
            f"{figures.latency(variant.key, query.name):.2f}",
        )
        for variant in served
    ]
    a_table(title, COLUMNS, rows)
    return f"{title}\n\n{markdown(COLUMNS, rows)}"


def targets(queries: Sequence[Query], figures: Figures) -> tuple[list[tuple[str, ...]], bool]:
    """Return a row for each target of the queries, and whether all are reached."""
    names = {query.name for query in queries}
    rows: list[tuple[str, ...]] = []
    all_reached = True
    for target in TARGETS:
        if target.query in names:
            times = figures.times("gateway", target.peer, target.query)
            reached = times >= target.times
            all_reached &= reached
            told = "reached" if reached else "missed"
            pressed = figures.rate("gateway", target.query) / figures.rate(target.peer, target.query)
            rows.append((target.peer, target.query, f"{target.times:g} x", f"{times:.2f} x", f"{pressed:.2f} x", told))
    return rows, all_reached


def results_of(query: Query, served: Sequence[Variant], figures: Figures) -> dict[str, Any]:
    return {
        "text": query.text,
        "variables": query.variables,
        "bytes": len(figures.answers[query.name]),
        "variants": {
            variant.key: {
                "cpuMilliseconds": figures.cpu(variant.key, query.name),
                "latencyMilliseconds": figures.latency(variant.key, query.name),
                "requestsPerSecondPressed": figures.rate(variant.key, query.name),
                "timesStrawberry": figures.times(variant.key, "strawberry", query.name),
                "cpuOfEachRound": [block.cpu for block in figures.blocks[variant.key, query.name]],
            }
            for variant in served
        },
    }
