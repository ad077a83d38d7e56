"""The database that the settings name, open for as long as a block runs."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from gateway.settings import Settings
from storage.store.mongo import CommandListener, Database


@asynccontextmanager
async def opened(settings: Settings, uri: str, *, listeners: Sequence[CommandListener] = ()) -> AsyncIterator[Database]:
    """Open the settings' database on the server of `uri`, which may be one that the settings do not name."""
    database = Database.connect(
        uri,
        name=settings.mongodb_database,
        driver=settings.mongodb_driver,
        timeout=settings.store_timeout,
        listeners=listeners,
    )
    try:
        yield database
    finally:
        await database.close()
