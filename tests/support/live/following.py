"""Subscriptions through the engine, over real stores."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from gateway.execution.engine import Engine
from gateway.execution.operation import Operation
from gateway.settings import Settings
from resolvers.context import Context
from resolvers.feeds.hub import Hub
from schema import schema
from storage.credentials import Credential, CredentialKind, Scope
from storage.profiles import ProfileDoc
from storage.store.bus import Bus
from storage.store.ids import to_public
from storage.store.mongo import Database
from storage.store.workspace import Workspace

PATIENCE = 15.0


@dataclass
class Followed:
    """A running subscription, read one result at a time."""

    results: AsyncGenerator[Any, None]

    async def next(self) -> dict[str, Any]:
        """Return the data of the next result, under the subscription's field."""
        async with asyncio.timeout(PATIENCE):
            result = await anext(self.results)
        assert "errors" not in result.body, result.body
        (data,) = orjson.loads(result.encoded)["data"].values()
        return data

    async def silence(self, seconds: float = 0.4) -> None:
        """Fail when something comes within `seconds`; what is waited for may end by it."""
        waiting = asyncio.ensure_future(anext(self.results))
        done, _ = await asyncio.wait([waiting], timeout=seconds)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert not done, waiting


Follow = Callable[..., AbstractAsyncContextManager[Followed]]


@dataclass
class Live:
    """One gateway's live part: its hub runs."""

    engine: Engine
    hub: Hub
    workspace: Workspace
    bus: Bus

    def start(
        self, query: str, *, scopes: frozenset[Scope] = frozenset(Scope), key: str = "pgk_test", **variables: Any
    ) -> AsyncGenerator[Any, None]:
        credential = Credential(CredentialKind.API_KEY, key, "Test", self.workspace.id, scopes)
        return self.engine.stream(Operation(query, variables=variables), credential)

    @asynccontextmanager
    async def follow(self, query: str, **given: Any) -> AsyncIterator[Followed]:
        async with aclosing(self.start(query, **given)) as results:
            yield Followed(results)

    async def refused(self, query: str, **given: Any) -> dict[str, Any]:
        """Return the error that a subscription begins, and ends, with."""
        async with aclosing(self.start(query, **given)) as results:
            result = await anext(results)
        assert not result.executed
        return result.body["errors"][0]


def id_of(profile: ProfileDoc) -> str:
    return to_public("prf", profile["_id"])


async def until_followed(live: Live) -> None:
    """Wait until a subscription is with its group, where live entries reach it."""
    async with asyncio.timeout(PATIENCE):
        while not len(live.engine.subscriptions.groups):
            await asyncio.sleep(0.01)


@asynccontextmanager
async def living(
    workspace: Workspace, bus: Bus, settings: Settings, *, online: timedelta = timedelta(minutes=5)
) -> AsyncIterator[Live]:
    database: Database = workspace.database
    hub = Hub(database, bus, sweep_seconds=settings.live_sweep_seconds)

    def make_context(credential: Credential) -> Context:
        return Context(credential, Workspace(database, credential.workspace), online, bus=bus, hub=hub)

    running = asyncio.create_task(hub.run())
    try:
        yield Live(Engine(schema, settings, make_context), hub, workspace, bus)
    finally:
        running.cancel()
        await asyncio.wait([running])
