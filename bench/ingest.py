"""How many events a second the whole write path takes, over the embedded stores, and how long these take for it.

Run it with `make bench`, or `python bench/ingest.py SECONDS`.
"""

import asyncio
import sys
import threading
import time
import uuid
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from gateway.embedded.mongodb import start_mongodb
from gateway.embedded.redis import start_redis
from resolvers.context import Context
from resolvers.ingestion.ingest import ingest
from storage.actors import Actor, ActorKind
from storage.credentials import Credential, CredentialKind, Scope
from storage.setup import prepare, prepare_workspace
from storage.sources import ChangeSource
from storage.store.bus import Bus
from storage.store.mongo import CommandListener, Database
from storage.store.workspace import Workspace

EVENTS, PROFILES, SECONDS = 500, 200, 20.0
TARGET = 200


class StoreTime(CommandListener):
    """How often each command ran and for how long, and how long at least one of them did."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.calls: Counter[str] = Counter()
        self.running = 0
        self.busy = 0.0
        self.since = 0.0

    def started(self, event: Any) -> None:  # noqa: ARG002 - the driver's signature
        with self.lock:
            if self.running == 0:
                self.since = time.perf_counter()
            self.running += 1

    def succeeded(self, event: Any) -> None:
        with self.lock:
            self.running -= 1
            if self.running == 0:
                self.busy += time.perf_counter() - self.since
            self.calls[event.command_name] += 1
            self.seconds[event.command_name] += event.duration_micros / 1e6

    failed = succeeded


def a_request(known: int) -> list[dict[str, Any]]:
    """Return the events of a request; the first makes its profiles, and the others meet them again."""
    return [
        {
            "uuid": str(uuid.uuid4()),
            "action": "page.visit",
            "label": "Visited a page",
            "occurredAt": datetime.now(UTC).isoformat(),
            "source": "SDK",
            "ip": "192.0.2.7",
            "params": {"page": f"/products/{number}", "known": known, "title": "A page"},
            "person": {"uuid": f"visitor-{number % PROFILES}"},
        }
        for number in range(EVENTS)
    ]


async def measure(seconds: float, directory: Path, store: StoreTime) -> tuple[int, float]:
    """Return how many events were written in how many seconds, after one request that makes the profiles."""
    mongodb, redis = await start_mongodb(directory), await start_redis(directory)
    database = Database.connect(mongodb.address, name="bench", timeout=30, listeners=[store])
    bus = Bus.connect(redis.address)
    try:
        await prepare(database)
        workspace = await prepare_workspace(database, "bench", name="Bench")
        await send(workspace, bus, 0)
        store.reset()
        started, written = time.perf_counter(), 0
        while time.perf_counter() < started + seconds:
            written += await send(workspace, bus, written)
        return written, time.perf_counter() - started
    finally:
        await database.close()
        await bus.close()
        await redis.stop()
        await mongodb.stop()


async def send(workspace: Workspace, bus: Bus, known: int) -> int:
    credential = Credential(CredentialKind.API_KEY, "pgk_bench", "Bench", workspace.id, frozenset(Scope))
    results = await ingest(
        Context(credential, workspace, bus=bus),
        Actor(ActorKind.API_KEY, "bench", "Bench", ChangeSource.API),
        a_request(known),
    )
    statuses = Counter(result["status"].value for result in results)
    assert statuses == {"CREATED": EVENTS}, statuses
    return EVENTS


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    store = StoreTime()
    with TemporaryDirectory(prefix="bench") as directory:
        written, took = asyncio.run(measure(seconds, Path(directory), store))
    rate = written / took
    table = Table(title=f"Ingestion: requests of {EVENTS} events over {PROFILES} profiles, durable stores")
    for column, justify in (("", "left"), ("calls", "right"), ("seconds", "right"), ("ms a call", "right")):
        table.add_column(column, justify=justify)  # type: ignore[arg-type]
    for name, spent in sorted(store.seconds.items(), key=lambda item: -item[1]):
        table.add_row(name, f"{store.calls[name]:,}", f"{spent:.1f}", f"{spent / store.calls[name] * 1000:.2f}")
    console = Console()
    console.print(table)
    console.print(f"{written:,} events in {took:.1f} s: {rate:,.0f} events/s (at least {TARGET} are wanted)")
    console.print(f"Share of the time in which the store worked on a command: {store.busy / took:.0%}")
    return 0 if rate >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
