from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bench.harness.feeds import Feeds, prepare_feeds
from bench.harness.gateways import Start
from gateway.settings import Settings
from storage.store.bus import Bus
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from tests.support.live.following import Live, living
from tests.support.live.gateways import starting_over
from tests.support.stores import Stores


@pytest.fixture
async def live(workspace: Workspace, bus: Bus, settings: Settings) -> AsyncIterator[Live]:
    async with living(workspace, bus, settings) as live:
        yield live


@pytest.fixture
def start(tmp_path: Path, database_name: str, stores: Stores) -> Iterator[Start]:
    """Return a function that starts a gateway; whatever happens, all of them are dead afterwards."""
    with starting_over(stores, tmp_path, database_name) as start:
        yield start


@pytest.fixture
async def feeds(database: Database) -> Feeds:
    return await prepare_feeds(database)
