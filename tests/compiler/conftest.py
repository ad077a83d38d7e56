"""What is common to the comparisons of executors."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator

import pytest

from resolvers.feeds.hub import Hub
from storage.store.bus import Bus
from storage.store.mongo import Database
from tests.support.compiler.stored import Both
from tests.support.stores import Stores
from tests.support.world import make_world


@pytest.fixture
def no_garbage() -> Iterator[None]:
    """Collect what was left behind while it is not yet held against another test."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
async def both(stores: Stores) -> AsyncIterator[Both]:
    """One world with a hub over it, in which a test may make things, and may not undo them."""
    database = Database.connect(stores.mongodb_uri, name="compiled", timeout=30)
    bus = Bus.connect(stores.redis_url)
    hub = Hub(database, bus, sweep_seconds=3600)  # a sweep tells again what is recent, but not to who comes after it
    running = asyncio.create_task(hub.run())
    try:
        yield Both(await make_world(database), hub, bus)
        await database.drop()
    finally:
        running.cancel()
        await asyncio.wait([running])
        await bus.close()
        await database.close()
