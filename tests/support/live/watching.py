"""Followers of figures over a real socket: what each has been told adds up to what it knows."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bench.harness.feed_clients import Client
from bench.harness.waiting import until
from storage.aggregates import NewAggregate, ensure_aggregates
from storage.engines.aggregates import Function
from storage.engines.windows import WindowKind
from storage.journal import EntryKind
from storage.store.workspace import Workspace
from tests.support.factories import CREATED

FIGURES = """subscription ($id: ID!) { analysesChanged(profileId: $id) {
  seq removed aggregates { display version definition { name } } } }"""


def a_count(name: str, *actions: str) -> NewAggregate:
    """Return the definition of a count of events."""
    return {
        "name": name,
        "displayName": name,
        "description": None,
        "function": Function.COUNT,
        "actions": list(actions),
        "param": None,
        "filters": [],
        "window": {
            "kind": WindowKind.LIFETIME,
            "unit": None,
            "count": None,
            "since": None,
            "until": None,
            "calendar": False,
        },
        "timeZone": "UTC",
        "limit": None,
        "quantile": None,
        "showOnProfile": True,
    }


async def define(workspace: Workspace, *definitions: NewAggregate) -> None:
    """Put definitions into the store, of which nothing is hinted."""
    await ensure_aggregates(workspace, definitions, now=CREATED)


@dataclass
class Watcher:
    """Follows the figures of the profile `id`. `known` has their displays by name; `messages` are all that it got."""

    key: bytes
    id: str
    client: Client
    known: dict[str, str] = field(default_factory=dict)
    messages: list[Any] = field(default_factory=list)

    async def watch(self, address: str, token: str) -> None:
        async with aclosing(self.client(address, token, {"id": self.id})) as messages:
            async for message in messages:
                self.known.update({each["definition"]["name"]: each["display"] for each in message["aggregates"]})
                for name in message["removed"]:
                    del self.known[name]
                self.messages.append(message)
        raise AssertionError("a feed ended")

    @property
    def never_went_back(self) -> bool:
        """Whether each message is of the same entry as the one before or a later one."""
        seqs = [message["seq"] for message in self.messages]
        return seqs == sorted(seqs)


@asynccontextmanager
async def watching(watchers: Sequence[Watcher], addresses: Sequence[str], token: str) -> AsyncIterator[None]:
    """Let each watch, at one gateway after the other, until the block ends; a feed that ends fails it."""
    async with asyncio.TaskGroup() as tasks:
        running = [
            tasks.create_task(watcher.watch(addresses[number % len(addresses)], token))
            for number, watcher in enumerate(watchers)
        ]
        await until(lambda: all(watcher.messages for watcher in watchers), seconds=30)
        yield
        for task in running:
            task.cancel()


async def counted(workspace: Workspace, profile: bytes) -> str:
    """Return how many events the journal has of a profile, as a figure displays it."""
    return str(await workspace.count("journal", {"profile": profile, "kind": EntryKind.EVENT}, most=100_000))


async def until_known(workspace: Workspace, watchers: Sequence[Watcher], *names: str, seconds: float) -> None:
    """Wait until each knows of each name how many events its profile has."""
    wanted = {watcher.key: dict.fromkeys(names, await counted(workspace, watcher.key)) for watcher in watchers}
    await until(lambda: all(watcher.known == wanted[watcher.key] for watcher in watchers), seconds=seconds)
