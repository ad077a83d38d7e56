from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.settings import Settings
from storage.store.bus import Bus
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from tests.conftest import Stores
from tests.live.following import Live, living
from tests.live.world import Start, World, a_world, starting


@pytest.fixture
async def live(workspace: Workspace, bus: Bus, settings: Settings) -> AsyncIterator[Live]:
    async with living(workspace, bus, settings) as live:
        yield live


@pytest.fixture
def start(tmp_path: Path, database_name: str, stores: Stores) -> Iterator[Start]:
    """Return a function that starts a gateway; whatever happens, all of them are dead afterwards."""
    with starting(tmp_path, stores, database_name) as start:
        yield start


@pytest.fixture
async def world(database: Database) -> World:
    return await a_world(database)
