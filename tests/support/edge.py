"""A gateway on a real socket, over a small schema whose resolvers wait, fail and count on purpose."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import strawberry
from starlette.applications import Starlette
from websockets.asyncio.client import connect

from bench.harness.gateways import TLS
from bench.harness.waiting import until
from gateway.app import create_app
from gateway.running.server import Server, address_of, listen
from gateway.settings import Settings
from gateway.state import State
from storage.api_keys import create_key
from storage.credentials import Scope
from storage.workspaces import ensure_workspace


@dataclass
class Probe:
    """What the resolvers below tell the test about themselves."""

    started: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    produced: int = 0


PROBES = [Probe()]  # the last one listens; what still ends from an earlier test tells that test's own


async def forever() -> None:
    probe = PROBES[-1]
    probe.started.set()
    try:
        await asyncio.Event().wait()
    finally:
        probe.cancelled.set()


@strawberry.type
class Query:
    @strawberry.field
    def echo(self, text: str = "hello") -> str:
        return text

    @strawberry.field
    async def slow(self) -> int:
        await forever()
        return 1

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError("a secret of ours")

    @strawberry.field(deprecation_reason="Use echo instead; goes on 2027-03-01")
    def shout(self) -> str:
        return "HELLO"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def touch(self) -> int:
        return 1


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncIterator[int]:
        for number in range(1, to + 1):
            yield number

    @strawberry.subscription(deprecation_reason="Use count instead; goes on 2027-03-01")
    async def tally(self) -> AsyncIterator[int]:
        for number in (1, 2):
            yield number

    @strawberry.subscription
    async def wait(self) -> AsyncIterator[int]:
        yield 1
        await forever()

    @strawberry.subscription
    async def flood(self) -> AsyncIterator[str]:
        probe = PROBES[-1]
        try:
            while True:
                probe.produced += 1
                yield "x" * 100_000
                await asyncio.sleep(0)
        finally:
            probe.cancelled.set()


SCHEMA = strawberry.Schema(Query, Mutation, Subscription)
SHOUTED, TALLIED = [
    {"deprecations": [{"coordinate": old, "reason": f"Use {new} instead; goes on 2027-03-01"}]}
    for old, new in (("Query.shout", "echo"), ("Subscription.tally", "count"))
]


@dataclass
class RunningServer:
    base_url: str
    key: str
    state: State

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    @property
    def url(self) -> str:
        return f"{self.base_url}/graphql"

    def client(self, **options: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            **{"base_url": self.base_url, "headers": self.headers, "timeout": 30, "verify": TLS, **options}
        )

    def socket(self, **options: Any) -> connect:
        """Return a WebSocket client, for `async with`."""
        url = self.url.replace("http", "ws", 1)
        return connect(url, **{"subprotocols": ["graphql-transport-ws"], "max_size": None, **options})


Configured = Callable[..., AbstractAsyncContextManager[RunningServer]]
Node = Callable[..., Awaitable[str]]


@asynccontextmanager
async def listening(
    settings: Settings, schema: strawberry.Schema | None = None
) -> AsyncIterator[tuple[Starlette, httpx.AsyncClient]]:
    """Serve, the real schema unless another is given, until the block ends, and end as the process does on SIGTERM."""
    app = create_app(settings) if schema is None else create_app(settings, schema=schema)
    ready = asyncio.Event()
    with listen("127.0.0.1", 0) as listener:
        server = Server(app, settings, ready.set)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        task.add_done_callback(lambda _: ready.set())
        await ready.wait()
        try:
            async with httpx.AsyncClient(base_url=address_of(listener), timeout=30, verify=TLS) as client:
                yield app, client
        finally:
            server.should_exit = True
            await task


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[RunningServer]:
    """Serve the schema above, with a key."""
    async with listening(settings, SCHEMA) as (app, client):
        state: State = app.state.gateway
        await until(lambda: state.prepared)
        await ensure_workspace(state.database, settings.workspace, name="Edge")
        scopes = [Scope.PROFILES_READ, Scope.PERSONAL_READ, Scope.METRICS_READ]
        key, _ = await create_key(state.database, settings.workspace, name="test", scopes=scopes)
        yield RunningServer(str(client.base_url).rstrip("/"), key, state)
        await state.database.drop()
