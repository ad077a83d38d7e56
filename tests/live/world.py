"""What the tests of faults follow: a few profiles in a workspace, through gateways that are processes of their own."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from resolvers.live.cursors import profile_cursor
from storage.api_keys import create_key
from storage.credentials import Scope
from storage.profiles import PREFIX
from storage.setup import prepare, prepare_workspace
from storage.store.ids import to_public
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from tests.conftest import Stores
from tests.factories import a_profile
from tests.gateway.edge import until
from tests.gateway.processes import Gateway
from tests.live.clients import Client
from tests.live.subscribers import Subscriber

Start = Callable[..., Gateway]


@dataclass
class World:
    """A workspace with profiles that had no events at first, and a key to follow them."""

    workspace: Workspace
    profiles: list[bytes]
    token: str

    @property
    def ids(self) -> list[str]:
        """The public ids of the profiles."""
        return [to_public(PREFIX, key) for key in self.profiles]

    def subscribers(self, number: int, *clients: Client) -> list[Subscriber]:
        """Return `number` of them for each client, spread over the profiles."""
        keys = [self.profiles[place % len(self.profiles)] for place in range(number)]
        return [
            Subscriber(key, to_public(PREFIX, key), profile_cursor(key, 0), client)
            for client in clients
            for key in keys
        ]


@contextmanager
def starting(directory: Path, stores: Stores, database_name: str) -> Iterator[Start]:
    """Give a function that starts a gateway over these stores; whatever happens, all of them are dead afterwards."""
    started: list[Gateway] = []

    def start(*, mongodb_uri: str = stores.mongodb_uri, redis_url: str = stores.redis_url, **others: str) -> Gateway:
        name = f"gateway-{len(started)}"
        settings = {
            "GATEWAY_MONGODB_URI": mongodb_uri,
            "GATEWAY_MONGODB_DATABASE": database_name,
            "GATEWAY_REDIS_URL": redis_url,
            "GATEWAY_CREDENTIAL_CACHE_SECONDS": "1",
            **others,
        }
        started.append(Gateway("serve", directory / name, directory / f"{name}.log", **settings))
        return started[-1]

    try:
        yield start
    finally:
        for gateway in started:
            gateway.process.kill()
            gateway.process.wait()


async def ready(*gateways: Gateway) -> list[str]:
    """Return their addresses, once all of them serve."""
    return [await asyncio.to_thread(gateway.wait_until_ready) for gateway in gateways]


async def a_world(database: Database, *, name: str = "live", profiles: int = 4) -> World:
    await prepare(database)
    workspace = await prepare_workspace(database, name, name="Live")
    token, _ = await create_key(database, workspace.id, name="Tests", scopes=list(Scope))
    return World(workspace, [(await a_profile(workspace))["_id"] for _ in range(profiles)], token)


async def until_recorded(subscribers: list[Subscriber], number: int) -> None:
    """Wait until each has got `number` entries in all."""
    await until(lambda: all(len(each.record) >= number for each in subscribers), seconds=30)


async def until_heard(subscribers: list[Subscriber], *, more: int = 1) -> None:
    """Wait until each has got `more` entries than now."""
    goals = [len(each.record) + more for each in subscribers]
    await until(
        lambda: all(len(each.record) >= goal for each, goal in zip(subscribers, goals, strict=True)), seconds=30
    )
