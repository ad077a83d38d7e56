"""The connection to MongoDB, and the only file that imports a driver: motor, or PyMongo's own async client."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any, Literal, Self, TypeVar

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, IndexModel, ReplaceOne, monitoring
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    InvalidName,
    InvalidOperation,
    OperationFailure,
    PyMongoError,
)

from storage.store.collections import Collection, Index
from storage.store.deadline import in_time
from storage.store.errors import BadInputError, UnavailableError

T = TypeVar("T")
Document = dict[str, Any]
Filter = Mapping[str, Any]
Projection = Mapping[str, Any]
Sort = Sequence[tuple[str, int]]
Session = Any
Driver = Literal["motor", "pymongo"]
CommandListener = monitoring.CommandListener

COLLECTION_EXISTS = 48
DUPLICATE_KEY = 11000
BATCH = 100
NAIVE: CodecOptions[Any] = CodecOptions(tz_aware=False)
__all__ = ["DuplicateKeyError", "OperationFailure"]
TRANSIENT = "TransientTransactionError"


def batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield `items` in the numbers that one command takes, so that none of them takes long."""
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def write_conflict() -> OperationFailure:
    """Return the error that makes the transaction around it run again: somebody else was faster."""
    return OperationFailure("The document changed meanwhile.", 112, {"errorLabels": [TRANSIENT]})


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Turn 'the store does not answer' into an error that clients understand; wait no longer than there is time."""
    try:
        async with in_time():
            yield
    except PyMongoError as error:
        if error.has_error_label(TRANSIENT):
            raise  # the transaction around this call runs again
        if error.timeout or isinstance(error, ConnectionFailure | ExecutionTimeout):
            raise UnavailableError("The profile store does not answer; try again shortly.") from error
        raise


@contextmanager
def cancellable() -> Iterator[None]:
    """Restore the cancellation that motor loses: it aborts a second time when its first abort is cancelled."""
    try:
        yield
    except InvalidOperation as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError from error
        raise


def index_model(index: Index) -> IndexModel:
    options: dict[str, Any] = {} if index.expire_after is None else {"expireAfterSeconds": index.expire_after}
    if index.where is not None:
        options["partialFilterExpression"] = {index.where: {"$exists": True}}
    return IndexModel(list(index.keys), unique=index.unique, **options)


class Database:
    """One database of one server, replica set or sharded cluster, the same over both drivers.

    Every call is bounded by the `timeout` given to `connect` and raises `UnavailableError` past it.
    Writes are acknowledged by a majority with the journal on disk.
    """

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._database = client.get_database(name)
        self._is_motor = isinstance(client, AsyncIOMotorClient)
        self._looks_up_ranges: bool | None = None

    @classmethod
    def connect(
        cls,
        uri: str,
        *,
        name: str,
        driver: Driver = "motor",
        timeout: float = 3.0,
        listeners: Sequence[CommandListener] = (),
    ) -> Self:
        """Open a client for `uri`; no server is contacted yet. `timeout` is in seconds, for each call."""
        options: dict[str, Any] = {
            "tz_aware": True,
            "w": "majority",
            "journal": True,
            "timeoutMS": int(timeout * 1000),
            "serverSelectionTimeoutMS": int(timeout * 1000),
            "connectTimeoutMS": int(timeout * 1000),
            "heartbeatFrequencyMS": 2000,
            "event_listeners": list(listeners),
            "appname": "profile-gateway",
        }
        connect: Any = AsyncIOMotorClient if driver == "motor" else AsyncMongoClient
        try:
            return cls(connect(uri, **options), name)
        except (ConfigurationError, InvalidName) as error:
            raise BadInputError(f"MongoDB can't be reached like this: {error}") from error

    async def close(self) -> None:
        closing = self._client.close()
        if closing is not None:
            await closing

    async def ping(self) -> None:
        async with translated():
            await self._database.command("ping")

    async def command(self, command: Document) -> Document:
        async with translated():
            answer: Document = await self._database.command(command)
            return answer

    async def now(self) -> datetime:
        """Return the time of the server's clock, which `$currentDate` writes as well."""
        at: datetime = (await self.command({"hello": 1}))["localTime"]
        return at.replace(tzinfo=UTC)

    async def looks_up_ranges(self) -> bool:
        """Return whether `$lookup` with a pipeline reads ranges of an index: SecantusDB reads the whole collection."""
        if self._looks_up_ranges is None:
            self._looks_up_ranges = "secantusVersion" not in await self.command({"buildInfo": 1})
        return self._looks_up_ranges

    async def drop(self) -> None:
        """Drop the whole database; for tests and demo data only."""
        await self._client.drop_database(self._database.name)

    async def declare(self, collection: Collection) -> None:
        """Create the collection, its validator and its indexes, or bring them up to date; idempotent."""
        async with translated():
            try:
                await self._database.create_collection(
                    collection.name, check_exists=False, validator=collection.validator
                )
            except OperationFailure as error:
                if error.code != COLLECTION_EXISTS:
                    raise
                await self._database.command({"collMod": collection.name, "validator": collection.validator})
            if collection.indexes:
                await self._database[collection.name].create_indexes(
                    [index_model(index) for index in collection.indexes]
                )

    async def find(
        self,
        collection: str,
        filter: Filter,
        *,
        projection: Projection | None = None,
        sort: Sort | None = None,
        limit: int = 0,
        naive: bool = False,
        session: Session = None,
    ) -> list[Document]:
        """Return what matches. With `naive` its timestamps have no zone and are in UTC: half of the time to decode."""
        async with translated():
            source = self._database[collection]
            if naive:
                source = source.with_options(codec_options=NAIVE)
            cursor = source.find(filter, projection, sort=list(sort) if sort else None, limit=limit, session=session)
            found: list[Document] = await cursor.to_list(None)
            return found

    async def find_one(
        self,
        collection: str,
        filter: Filter,
        *,
        projection: Projection | None = None,
        session: Session = None,
    ) -> Document | None:
        async with translated():
            found: Document | None = await self._database[collection].find_one(filter, projection, session=session)
            return found

    async def aggregate(
        self, collection: str, pipeline: Sequence[Document], *, session: Session = None
    ) -> list[Document]:
        async with translated():
            cursor = self._database[collection].aggregate(list(pipeline), session=session)
            if not self._is_motor:
                cursor = await cursor
            found: list[Document] = await cursor.to_list(None)
            return found

    async def insert(self, collection: str, documents: Sequence[Document], *, session: Session = None) -> None:
        """Insert all, in order; raises `DuplicateKeyError` when one's `_id` or unique key is taken."""
        for batch in batches(documents):
            async with translated():
                try:
                    await self._database[collection].insert_many(batch, session=session)
                except BulkWriteError as error:
                    if any(failure["code"] == DUPLICATE_KEY for failure in error.details["writeErrors"]):
                        raise DuplicateKeyError("A document with this key is there already.", DUPLICATE_KEY) from error
                    raise

    async def insert_first(self, collection: str, documents: Sequence[Document], *, session: Session) -> None:
        """Insert what nobody else has; when somebody was faster, the transaction starts over and sees what they did."""
        try:
            await self.insert(collection, documents, session=session)
        except DuplicateKeyError as error:
            raise write_conflict() from error

    async def insert_missing(self, collection: str, documents: Sequence[Document]) -> None:
        """Insert those whose `_id` and unique keys are free, and leave what has the others as it is."""
        async with translated():
            try:
                await self._database[collection].insert_many(documents, ordered=False)
            except BulkWriteError as error:
                failures = [*error.details["writeErrors"], *error.details["writeConcernErrors"]]
                if any(failure["code"] != DUPLICATE_KEY for failure in failures):
                    raise

    async def update(
        self,
        collection: str,
        filter: Filter,
        update: Document,
        *,
        upsert: bool = False,
        session: Session = None,
    ) -> int:
        """Update one document and return how many matched."""
        async with translated():
            result = await self._database[collection].update_one(filter, update, upsert=upsert, session=session)
            matched: int = result.matched_count
            return matched

    async def replace(
        self, collection: str, documents: Sequence[tuple[Filter, Document]], *, session: Session = None
    ) -> int:
        """Replace the document that each filter finds, and return how many were found."""
        matched = 0
        for batch in batches(documents):
            async with translated():
                replacing = [ReplaceOne(filter, document) for filter, document in batch]
                result = await self._database[collection].bulk_write(replacing, session=session)
                matched += result.matched_count
        return matched

    async def delete(self, collection: str, filter: Filter, *, session: Session = None) -> int:
        """Delete every match and return how many there were."""
        async with translated():
            result = await self._database[collection].delete_many(filter, session=session)
            deleted: int = result.deleted_count
            return deleted

    async def transaction(self, body: Callable[[Session], Coroutine[Any, Any, T]], *, patience: float = 10.0) -> T:
        """Run `body` in a transaction and return its result, once it is committed.

        The driver runs it again on transient conflicts and unknown commit results, with backoff, for at most
        `patience` seconds. So `body` must do nothing but read and write through the session that it is given.
        """
        try:
            async with asyncio.timeout(patience), translated():
                opening = self._client.start_session()
                async with await opening if self._is_motor else opening as session:
                    with cancellable():
                        result: T = await session.with_transaction(body)
                        return result
        except (PyMongoError, TimeoutError) as error:
            if isinstance(error, TimeoutError) or error.has_error_label(TRANSIENT):
                raise UnavailableError("The write could not be finished in time; try again shortly.") from error
            raise
