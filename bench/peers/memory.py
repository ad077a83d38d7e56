"""A database without a store: it answers what the two queries and their credential need, and refuses the rest."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bench.peers.documents import API_KEY, DEFINITIONS, PROFILES, WORKSPACE
from gateway.settings import Settings
from storage.store.collections import Collection
from storage.store.mongo import CommandListener, Document, Filter, Projection, Session, Sort

NEWEST_FIRST = [("_id", -1)]
BY_ID = {profile["_id"]: profile for profile in PROFILES}


class MemoryDatabase:
    """Stands where `storage.store.mongo.Database` does; documents are handed out as they are, without a copy.

    What the two queries do not ask for is refused, so that no figure is of an answer that was made up.
    """

    async def close(self) -> None:
        """Nothing is open."""

    async def ping(self) -> None:
        """Nothing is away."""

    async def command(self, command: Document) -> Document:
        if command != {"ping": 1}:
            raise NotImplementedError(command)
        return {"ok": 1}

    async def declare(self, collection: Collection) -> None:
        """Nothing is kept."""

    async def find(
        self,
        collection: str,
        filter: Filter,
        *,
        projection: Projection | None = None,  # noqa: ARG002 - what is not selected is not read
        sort: Sort | None = None,
        limit: int = 0,
        naive: bool = False,  # noqa: ARG002 - they are
        session: Session = None,  # noqa: ARG002 - there are no transactions
    ) -> list[Any]:
        match collection, filter:
            case "profiles", {"workspace": workspace, **rest} if workspace == WORKSPACE and not rest:
                if list(sort or ()) == NEWEST_FIRST and limit:
                    return PROFILES[:limit]
            case "profiles", {"workspace": workspace, "_id": {"$in": ids}} if workspace == WORKSPACE:
                return [BY_ID[id] for id in ids if id in BY_ID]
            case "attribute_definitions", {"workspace": workspace, **rest} if workspace == WORKSPACE and not rest:
                return list(DEFINITIONS)
        raise NotImplementedError(f"{collection}: {filter}")

    async def find_one(
        self,
        collection: str,
        filter: Filter,
        *,
        projection: Projection | None = None,  # noqa: ARG002 - as above
        session: Session = None,  # noqa: ARG002 - as above
    ) -> Document | None:
        if collection != "api_keys":
            raise NotImplementedError(f"{collection}: {filter}")
        return API_KEY if filter == {"_id": API_KEY["_id"]} else None

    async def aggregate(
        self,
        collection: str,
        pipeline: Sequence[Document],
        *,
        session: Session = None,
    ) -> list[Document]:
        raise NotImplementedError(f"{collection}: {pipeline}")


@asynccontextmanager
async def open_database(
    settings: Settings,  # noqa: ARG001 - the signature of gateway.database.open_database
    uri: str,  # noqa: ARG001 - as above
    *,
    listeners: Sequence[CommandListener] = (),  # noqa: ARG001 - as above; there are no commands to tell of
) -> AsyncIterator[MemoryDatabase]:
    """Stand where `gateway.database.open_database` does."""
    yield MemoryDatabase()
