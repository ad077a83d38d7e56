"""What live feeds cost: deliveries beside npm graphql-ws, memory beside bare uvicorn, time from commit to client.

Run it with `make bench`, or `python bench/live.py [deliveries] [latency] [memory]`.
"""

import asyncio
import resource
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import live_processes as processes
from live_bench import SELECTIONS, SETTLE, Bench, a_table
from live_documents import documents
from live_latency import measure_latency
from live_processes import Talker, memory_of
from live_writing import writing
from rich.console import Console

SUBSCRIBERS, BURST, ROUNDS = 1_000, 50, 5
IDLE = 10_000
MOST_MICROSECONDS, LEAST_RATIO, MOST_KILOBYTES = 25.0, 2.5, 30.0
console = Console()


@dataclass(slots=True)
class Delivered:
    """What became of one round: how many microseconds of processor time each took, and how many came in a second."""

    cpu: float
    rate: float
    bytes: float


async def delivered(server: Talker, client: Talker, tell: Callable[[], Awaitable[Any]], number: int) -> Delivered:
    await client.ask(expect=number)
    before = server.cpu()
    await tell()
    answer = await client.hear()
    cpu, times = server.cpu() - before, answer["times"]
    return Delivered(cpu / number * 1e6, number / (times[-1] - times[0]) * 1e6, answer["bytes"] / number)


async def measure_deliveries(bench: Bench) -> bool:
    """Both servers hold their subscribers throughout and take turns, so that neither has a quieter machine."""
    async with AsyncExitStack() as stack:
        peer = await stack.enter_async_context(processes.node("peer.mjs"))
        its_client = await stack.enter_async_context(processes.node("client.mjs"))
        url = f"ws://127.0.0.1:{(await peer.hear())['port']}/graphql"
        asked = {"documents": documents(SELECTIONS), "token": "", "variables": {"id": bench.writing.id}}
        await its_client.ask(open={"url": url, "number": SUBSCRIBERS, **asked})
        while (await peer.ask())["subscribers"] < SUBSCRIBERS:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.1)
        payload = await bench.payload()
        await bench.subscribe(bench.client, SUBSCRIBERS)
        rounds: dict[str, list[Delivered]] = {"bursts": [], "peer": [], "single": []}
        for _ in range(ROUNDS + 1):
            burst = SUBSCRIBERS * BURST
            told = await delivered(bench.gateway, bench.client, lambda: bench.writing.write(BURST), burst)
            rounds["bursts"].append(told)
            told = await delivered(
                peer, its_client, lambda: peer.tell(payload={"activity": payload["activity"]}, times=BURST), burst
            )
            rounds["peer"].append(told)
            told = await delivered(bench.gateway, bench.client, lambda: one_by_one(bench), SUBSCRIBERS * ROUNDS)
            rounds["single"].append(told)
        await bench.leave(bench.client)
    middle = {name: middle_of(all[1:]) for name, all in rounds.items()}  # the first one warms up
    table = a_table(
        f"{SUBSCRIBERS:,} subscribers in {SELECTIONS} selections on one profile",
        "",
        "CPU a delivery, us",
        "deliveries/s",
        "bytes",
    )
    names = {
        "bursts": f"gateway, {BURST} events at once",
        "peer": "graphql-ws on Node.js, the same",
        "single": "gateway, one event at a time",
    }
    for name, title in names.items():
        of = middle[name]
        table.add_row(title, f"{of.cpu:.1f}", f"{of.rate:,.0f}" if name != "single" else "", f"{of.bytes:.0f}")
    console.print(table)
    ratio = middle["bursts"].rate / middle["peer"].rate
    console.print(f"{ratio:.1f} times as many deliveries a second (at least {LEAST_RATIO} are wanted)")
    cpu = middle["bursts"].cpu
    console.print(f"{cpu:.1f} us of CPU a delivery in bursts (at most {MOST_MICROSECONDS:.0f} are wanted)")
    return ratio >= LEAST_RATIO and cpu <= MOST_MICROSECONDS


async def one_by_one(bench: Bench) -> None:
    for _ in range(ROUNDS):
        await bench.writing.write(1)
        await asyncio.sleep(0.1)


def middle_of(rounds: list[Delivered]) -> Delivered:
    return Delivered(*(median(getattr(each, name) for each in rounds) for name in ("cpu", "rate", "bytes")))


async def measure_memory(bench: Bench) -> bool:
    async with AsyncExitStack() as stack:
        bare = await stack.enter_async_context(
            processes.running(sys.executable, str(Path(__file__).parent / "live_bare.py"))
        )
        bare_client = await stack.enter_async_context(processes.node("client.mjs"))
        url = f"ws://127.0.0.1:{(await bare.hear())['port']}/graphql"
        await bare_client.ask(open={"url": url, "number": 100})
        await bench.subscribe(bench.client, 100)  # what exists once is there before the first look
        before = memory_of(bare.pid), memory_of(bench.gateway.pid)
        await bare_client.ask(open={"url": url, "number": IDLE})
        await asyncio.sleep(SETTLE)
        own = (memory_of(bare.pid) - before[0]) / IDLE
        await bench.subscribe(bench.client, IDLE)
        whole = (memory_of(bench.gateway.pid) - before[1]) / IDLE
        await bench.leave(bench.client)
    table = a_table(f"{IDLE:,} idle connections, KB each", "uvicorn alone", "gateway, subscribed", "more")
    table.add_row(f"{own:.1f}", f"{whole:.1f}", f"{whole - own:.1f}")
    console.print(table)
    console.print(f"at most {MOST_KILOBYTES:.0f} KB more are wanted")
    return whole - own <= MOST_KILOBYTES


MEASUREMENTS = {"deliveries": measure_deliveries, "latency": measure_latency, "memory": measure_memory}


async def measure(names: list[str]) -> bool:
    await processes.install()
    async with AsyncExitStack() as stack:
        data_dir = Path(stack.enter_context(TemporaryDirectory(prefix="bench")))
        process, address = await stack.enter_async_context(processes.gateway(data_dir))
        token = (data_dir / "dev-key").read_text().strip()
        followed = await stack.enter_async_context(writing(data_dir))
        client = await stack.enter_async_context(processes.node("client.mjs"))
        bench = Bench(process, address, token, followed, client, data_dir)
        return all([await MEASUREMENTS[name](bench) for name in names])


def main() -> int:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return 0 if asyncio.run(measure(sys.argv[1:] or list(MEASUREMENTS))) else 1


if __name__ == "__main__":
    sys.exit(main())
