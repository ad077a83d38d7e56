"""How long an entry is on its way to the subscribers: from its commit, and through another gateway than theirs."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from statistics import median, quantiles

import httpx
from live_bench import Bench, a_table
from live_processes import another_gateway
from rich.console import Console

SUBSCRIBERS = (1, 100, 1_000)
EVENTS = 60
LEAST_WAITS = 200
PAUSE = 0.02
MOST_MILLISECONDS = 100.0
ADD = """mutation ($id: ID!, $input: EventCreateInput!) {
  eventCreate(profileId: $id, input: $input) { event { id } userErrors { code } } }"""
console = Console()


async def measure_latency(bench: Bench) -> bool:
    table = a_table("From the commit to the client, ms", "subscribers", "median", "99th percentile")
    for number in SUBSCRIBERS:
        table.add_row(f"{number:,}", *spread(await waits_of(bench, number, lambda: bench.writing.write(1))))
    console.print(table)
    return await measure_two_gateways(bench)


async def measure_two_gateways(bench: Bench) -> bool:
    """Edit through one gateway and subscribe to another one; the time of the edit itself counts as well."""
    table = a_table("From the request to another gateway's client, ms", "subscribers", "median", "99th percentile")
    medians, answered = [], []
    headers = {"Authorization": f"Bearer {bench.token}"}
    async with (
        another_gateway(bench.data_dir) as (process, address),
        httpx.AsyncClient(base_url=bench.address, headers=headers, timeout=30) as http,
    ):

        async def edit() -> int:
            begun = now()
            event = {"action": "page.visit", "label": "Visited a page"}
            variables = {"id": bench.writing.id, "input": event}
            answer = await http.post("/graphql", json={"query": ADD, "variables": variables})
            answered.append((now() - begun) / 1000)
            assert answer.json()["data"]["eventCreate"]["userErrors"] == [], answer.text
            return begun

        elsewhere = replace(bench, gateway=process, address=address)
        await edit()  # what exists once is there before the first look
        for number in SUBSCRIBERS[:2]:
            waits = await waits_of(elsewhere, number, edit)
            medians.append(median(waits))
            table.add_row(f"{number:,}", *spread(waits))
    table.add_row("the edit's answer", *spread(answered[1:]))
    console.print(table)
    console.print(f"a median of at most {MOST_MILLISECONDS:.0f} ms is wanted")
    return max(medians) <= MOST_MILLISECONDS


async def waits_of(bench: Bench, number: int, write: Callable[[], Awaitable[int]]) -> list[float]:
    """Return how many milliseconds each delivery took since the time that `write` tells."""
    await bench.subscribe(bench.client, number)
    waits: list[float] = []
    for _ in range(max(EVENTS, LEAST_WAITS // number)):
        await bench.client.ask(expect=number)
        begun = await write()
        waits += [(at - begun) / 1000 for at in (await bench.client.hear())["times"]]
        await asyncio.sleep(PAUSE)
    await bench.leave(bench.client)
    return waits


def now() -> int:
    """Return microseconds of the clock that all processes of the machine share."""
    return time.monotonic_ns() // 1000


def spread(waits: list[float]) -> tuple[str, str]:
    return f"{median(waits):.1f}", f"{quantiles(waits, n=100)[98]:.1f}"
