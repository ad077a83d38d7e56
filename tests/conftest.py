"""Fixtures over real stores, which start once for each worker and end with it, however it ends."""

import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import hypothesis
import pytest
from pydantic import SecretStr

from gateway.embedded.mongodb import start_mongodb
from gateway.embedded.redis import start_redis
from gateway.settings import Settings
from storage import setup
from storage.store.bus import Bus
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from tests.support.asking import Ask, asking
from tests.support.stores import Stores

FUZZ_EXAMPLES = 1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--crash-rounds", type=int, default=1, help="how often gateway and store are killed")
    parser.addoption("--fuzz-examples", type=int, help="how many inputs each mutation gets; they differ in each run")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return more workers than there are processors: half of the time a test waits for processes and clocks."""
    return 3 * (os.cpu_count() or 1) // 2


def pytest_configure(config: pytest.Config) -> None:
    """Keep the developer's own settings out of the tests, and say how much is fuzzed before modules are imported."""
    examples: int | None = config.getoption("--fuzz-examples")
    hypothesis.settings.register_profile(
        "fuzz",
        max_examples=examples or FUZZ_EXAMPLES,
        derandomize=examples is None,
        deadline=None,
        phases=[hypothesis.Phase.reuse, hypothesis.Phase.generate],  # over a store, making it smaller takes minutes
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.register_profile("unhurried", deadline=None)  # other processes have the machine as well
    hypothesis.settings.load_profile("unhurried")
    for name in [name for name in os.environ if name.startswith("GATEWAY_")]:
        del os.environ[name]


@pytest.fixture(scope="session")
async def stores(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stores]:
    directory = tmp_path_factory.mktemp("stores")
    mongodb = await start_mongodb(directory, durable=False)
    try:
        redis = await start_redis(directory, durable=False)
        try:
            yield Stores(mongodb, redis)
        finally:
            await redis.stop()
    finally:
        await mongodb.stop()


@pytest.fixture
def database_name() -> str:
    return f"test_{uuid.uuid4().hex}"


@pytest.fixture
async def database(stores: Stores, database_name: str) -> AsyncIterator[Database]:
    """Give each test a prepared database of its own."""
    database = Database.connect(stores.mongodb_uri, name=database_name, timeout=10)
    try:
        await setup.prepare(database)
        yield database
        await database.drop()
    finally:
        await database.close()


@pytest.fixture(scope="session")
async def shared_database(stores: Stores) -> AsyncIterator[Database]:
    """One prepared database for the tests that keep apart by workspace; it ends with the stores."""
    database = Database.connect(stores.mongodb_uri, name="shared", timeout=10)
    try:
        await setup.prepare(database)
        yield database
    finally:
        await database.close()


@pytest.fixture
async def workspace(shared_database: Database) -> Workspace:
    """Return a workspace of its own for each test, beside those of all the others."""
    return await setup.prepare_workspace(shared_database, f"w{uuid.uuid4().hex[:12]}", name="Test workspace")


@pytest.fixture
def ask(workspace: Workspace) -> Ask:
    return asking(workspace)


@pytest.fixture
async def bus(stores: Stores) -> AsyncIterator[Bus]:
    bus = Bus.connect(stores.redis_url)
    yield bus
    await bus.close()


@pytest.fixture
def settings(stores: Stores, database_name: str, tmp_path: Path) -> Settings:
    """Point a gateway to the stores of this worker and the same database as `database` of the same test."""
    return Settings(
        port=0,
        data_dir=tmp_path,
        demo_data="",
        mongodb_uri=SecretStr(stores.mongodb_uri),
        mongodb_database=database_name,
        redis_url=SecretStr(stores.redis_url),
    )
