"""Stores with demo data for the measurements, kept in data/peers so that only the first run loads them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bench.peers.documents import TOKEN
from bench.peers.report import console
from bench.peers.servers import ROOT
from gateway.embedded.data_dir import locked
from gateway.embedded.mongodb import start_mongodb
from gateway.embedded.redis import start_redis
from gateway.running.demo import load_dataset
from storage.api_keys import ensure_key
from storage.credentials import Scope
from storage.setup import prepare, prepare_workspace
from storage.store.ids import to_public
from storage.store.mongo import Database

DATA_DIR = ROOT / "data" / "peers"
NAME, WORKSPACE, CUSTOMERS = "peers", "demo", 200


@dataclass(frozen=True, slots=True)
class Stores:
    """Where the stores are, and a profile that is in them."""

    mongodb: str
    redis: str
    profile: str


@asynccontextmanager
async def stores() -> AsyncIterator[Stores]:
    """Run durable stores for as long as the block does."""
    async with AsyncExitStack() as stack:
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        stack.enter_context(locked(DATA_DIR))
        mongodb = await start_mongodb(DATA_DIR)
        stack.push_async_callback(mongodb.stop)
        redis = await start_redis(DATA_DIR)
        stack.push_async_callback(redis.stop)
        database = Database.connect(mongodb.address, name=NAME, timeout=30)
        try:
            profile = await filled(database)
        finally:
            await database.close()
        yield Stores(mongodb.address, redis.address, profile)


async def filled(database: Database) -> str:
    """Load the first customers of `ecom` unless they are there, and return the id of the one seen last."""
    await prepare(database)
    workspace = await prepare_workspace(database, WORKSPACE, name=WORKSPACE)
    await ensure_key(database, WORKSPACE, token=TOKEN, name="Peers", scopes=Scope)
    await load_dataset(database, WORKSPACE, "ecom", data_dir=DATA_DIR, console=console, limit=CUSTOMERS)
    last = [("orderKeys.lastActivityAt", -1)]
    (found,) = await workspace.find("profiles", {}, projection={"_id": 1}, sort=last, limit=1)
    return to_public("prf", found["_id"])
