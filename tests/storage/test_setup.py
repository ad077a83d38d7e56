"""What is done to a database before it serves."""

from collections.abc import AsyncIterator

import pytest

from storage.setup import prepare
from storage.store.errors import OutdatedDataError
from storage.store.mongo import Database
from tests.support.stores import Stores


@pytest.fixture
async def database(stores: Stores) -> AsyncIterator[Database]:
    opened = Database.connect(stores.mongodb_uri, name="set_up", timeout=30)
    try:
        yield opened
        await opened.drop()
    finally:
        await opened.close()


async def test_it_can_be_done_again(database: Database) -> None:
    await prepare(database)
    await prepare(database)


async def test_documents_of_an_earlier_form_are_refused(database: Database) -> None:
    await database.insert("journal", [{"_id": b"1", "workspace": "demo", "actor": "pgk_desk"}])
    with pytest.raises(OutdatedDataError, match="GATEWAY_MONGODB_DATABASE"):
        await prepare(database)
    assert await database.find("journal", {}) == [{"_id": b"1", "workspace": "demo", "actor": "pgk_desk"}]
