from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.settings import Settings
from storage.bus import Bus
from storage.mongo import Database
from storage.workspace import Workspace
from tests.conftest import Stores
from tests.gateway.processes import Gateway
from tests.live.following import Live, living
from tests.live.world import Start, World, a_world


@pytest.fixture
async def live(workspace: Workspace, bus: Bus, settings: Settings) -> AsyncIterator[Live]:
    async with living(workspace, bus, settings) as live:
        yield live


@pytest.fixture
def start(tmp_path: Path, database_name: str, stores: Stores) -> Iterator[Start]:
    """Return a function that starts a gateway; whatever happens, all of them are dead afterwards."""
    started: list[Gateway] = []

    def start_one(
        *, mongodb_uri: str = stores.mongodb_uri, redis_url: str = stores.redis_url, **others: str
    ) -> Gateway:
        name = f"gateway-{len(started)}"
        settings = {
            "GATEWAY_MONGODB_URI": mongodb_uri,
            "GATEWAY_MONGODB_DATABASE": database_name,
            "GATEWAY_REDIS_URL": redis_url,
            "GATEWAY_CREDENTIAL_CACHE_SECONDS": "1",
            **others,
        }
        started.append(Gateway("serve", tmp_path / name, tmp_path / f"{name}.log", **settings))
        return started[-1]

    yield start_one
    for gateway in started:
        gateway.process.kill()
        gateway.process.wait()


@pytest.fixture
async def world(database: Database) -> World:
    return await a_world(database)
