"""A machine that can lose its gateway or its store, and starts them again on what they left."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench.harness.gateways import Gateway
from bench.harness.processes import discarded
from gateway.embedded.mongodb import start_mongodb
from gateway.embedded.store import Store
from storage.setup import prepare
from storage.store.mongo import Database

DATABASE = "crashes"


@dataclass(slots=True)
class Machine:
    """`gateways` are all that were started, one at a time; they serve at `address`, over `database`.

    What a killed gateway had open blocks its profiles until the store gives it up, which takes a minute; unless
    `patient` the store is told to.
    """

    directory: Path
    redis_url: str
    gateways: list[Gateway]
    mongodb: Store
    database: Database
    patient: bool
    address: str = ""

    async def start_gateway(self) -> None:
        number = len(self.gateways)
        gateway = Gateway(
            "serve",
            self.directory / f"gateway-{number}",
            self.directory / f"{number}.log",
            GATEWAY_MONGODB_URI=self.mongodb.address,
            GATEWAY_MONGODB_DATABASE=DATABASE,
            GATEWAY_REDIS_URL=self.redis_url,
            GATEWAY_OPERATION_TIMEOUT="3",
            GATEWAY_PORT=str(urlsplit(self.address).port or 0),
        )
        self.gateways.append(gateway)
        self.address = await asyncio.to_thread(gateway.wait_until_ready)

    async def lose_gateway(self) -> None:
        await asyncio.to_thread(self.gateways[-1].stop, signal.SIGKILL)
        if not self.patient:
            await self.database.command({"killAllSessions": []})
        await self.start_gateway()

    async def lose_store(self) -> None:
        await discarded(self.mongodb)
        address = self.mongodb.address
        self.mongodb = await start_mongodb(self.directory)
        assert self.mongodb.address == address


@asynccontextmanager
async def running(directory: Path, redis_url: str, gateways: list[Gateway], *, patient: bool) -> AsyncIterator[Machine]:
    """Start a machine whose database is prepared; `gateways` are for the caller to end."""
    mongodb = await start_mongodb(directory)
    database = Database.connect(mongodb.address, name=DATABASE, timeout=20)
    machine = Machine(directory, redis_url, gateways, mongodb, database, patient)
    try:
        await prepare(database)
        await machine.start_gateway()
        yield machine
    finally:
        await database.close()
        await discarded(machine.mongodb)
