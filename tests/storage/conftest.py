"""What storage promises holds over each driver (ADR 2), so its tests run over each."""

from collections.abc import AsyncIterator
from typing import get_args

import pytest

from storage import setup
from storage.store.mongo import Database, Driver
from tests.support.stores import Stores


@pytest.fixture(scope="session", params=get_args(Driver))
async def shared_database(request: pytest.FixtureRequest, stores: Stores) -> AsyncIterator[Database]:
    """Give the database of the tests that keep apart by workspace, and by it their `workspace`, over each driver."""
    database = Database.connect(stores.mongodb_uri, name="shared", driver=request.param, timeout=10)
    try:
        await setup.prepare(database)
        yield database
    finally:
        await database.close()


@pytest.fixture(params=get_args(Driver))
async def any_database(request: pytest.FixtureRequest, stores: Stores, database_name: str) -> AsyncIterator[Database]:
    """Give the same over each driver, for the contract that both keep."""
    database = Database.connect(stores.mongodb_uri, name=database_name, driver=request.param, timeout=10)
    try:
        await setup.prepare(database)
        yield database
        await database.drop()
    finally:
        await database.close()
