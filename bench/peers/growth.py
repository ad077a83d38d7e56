"""How the gateway grows: with the profiles that are asked for, over a store, and with the processes that serve."""

import asyncio
import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from bench.peers import in_memory, over_store
from bench.peers.documents import SEVENTH, TOKEN
from bench.peers.load import pressed, request_of
from bench.peers.measure import Figures, measure
from bench.peers.queries import Query, dashboard, small
from bench.peers.report import a_table, markdown, number, publish
from bench.peers.servers import LOAD_CORE, SERVER_CORE, Variant, serving
from bench.peers.store import stores
from gateway.embedded.redis import start_redis

SIZES, PROCESSES = (1, 10, 100), (1, 2)
SECONDS, ROUNDS = 4.0, 3
SHOWN = ("gateway", "mercurius-jit")
# Of two cores one is shared with what asks.
CORES = (SERVER_CORE, 2 if (os.cpu_count() or 1) > 2 else LOAD_CORE)


async def measure_growth(names: list[str], *, rounds: int, directory: Path) -> bool:  # noqa: ARG001 - all are measured
    """Measure, print and publish; nothing is promised here."""
    options: dict[str, Any] = {"token": TOKEN, "directory": directory}
    queries = [dashboard(first=size, name=f"{size}") for size in SIZES]
    async with stores() as found:
        served = [variant for variant in over_store.variants(found, directory) if variant.key in SHOWN]
        figures = await asyncio.to_thread(measure, served, queries, rounds=rounds, pressed=0, **options)
    sizes = tell_sizes(served, queries, figures)
    redis = await start_redis(directory, durable=False)
    try:
        variant = in_memory.variants(directory, redis.address)[0]
        rates = await asyncio.to_thread(measure_processes, variant, directory)
    finally:
        await redis.stop()
    processes = tell_processes(rates)
    results = {
        "profiles": {query.name: over_store.results_of(query, served, figures) for query in queries},
        "requestsPerSecondOfProcesses": {str(count): rates[count] for count in PROCESSES},
        "cores": os.cpu_count(),
    }
    publish("growth", f"{sizes}\n\n{processes}", results)
    return True


def tell_sizes(served: list[Variant], queries: list[Query], figures: Figures) -> str:
    columns = ("profiles", "KB", *(f"{each.title}, {what}" for each in served for what in ("CPU ms", "latency ms")))
    rows = [
        (
            query.name,
            number(len(figures.answers[query.name]) / 1000),
            *(number(value(each.key, query.name)) for each in served for value in (figures.cpu, figures.latency)),
        )
        for query in queries
    ]
    a_table("Dashboard query of so many profiles, over a store", columns, rows)
    return markdown(columns, rows)


def measure_processes(variant: Variant, directory: Path) -> dict[int, dict[str, float]]:
    """Return the requests a second of so many processes, each on a core, asked by one client over all of them."""
    queries = (dashboard(), small(SEVENTH))
    found: dict[int, dict[str, list[float]]] = {count: {each.name: [] for each in queries} for count in PROCESSES}
    with ExitStack() as stack:
        servers = []
        for process, core in zip(range(max(PROCESSES)), CORES, strict=True):
            own = {**variant.environment, "GATEWAY_DATA_DIR": str(directory / f"process-{process}")}
            servers.append(stack.enter_context(serving(replace(variant, environment=own), directory, core=core)))
        for _ in range(ROUNDS + 1):
            for count, rates in found.items():
                ports = [server.port for server in servers[:count]]
                for query in queries:
                    request, number = request_of(query, TOKEN), query.connections * count
                    done, took = pressed(ports, request, connections=number, seconds=SECONDS)
                    rates[query.name].append(done / took)
    # The first round warms up.
    return {count: {name: median(all[1:]) for name, all in rates.items()} for count, rates in found.items()}


def tell_processes(rates: dict[int, dict[str, float]]) -> str:
    columns = ("in memory, requests/s", *rates[1])
    rows = [
        (f"{count} process{'es' * (count != 1)}", *map(number, by_query.values())) for count, by_query in rates.items()
    ]
    a_table("More processes", columns, rows)
    return markdown(columns, rows)
