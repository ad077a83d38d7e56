"""Opens the database that the settings name."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from gateway.settings import Settings
from storage.store.mongo import CommandListener, Database


@asynccontextmanager
async def open_database(
    settings: Settings, uri: str, *, listeners: Sequence[CommandListener] = (), command_timeout: float | None = None
) -> AsyncIterator[Database]:
    """Open the database on the server of `uri`, which is the embedded one where the settings name none.

    `command_timeout` is in seconds, for each command; by default it is the settings' own.
    """
    database = Database.connect(
        uri,
        name=settings.mongodb_database,
        driver=settings.mongodb_driver,
        timeout=command_timeout or settings.store_timeout,
        listeners=listeners,
    )
    try:
        yield database
    finally:
        await database.close()
