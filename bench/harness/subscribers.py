"""Subscribers who stay: each records what it gets, and goes on after its last cursor whenever a stream ends."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import NoReturn

from bench.harness.feed_clients import Client, Ended, over_websocket
from storage.past.tail import entries_after
from storage.store.workspace import Workspace

AGAIN_SECONDS = 0.2


@dataclass
class Subscriber:
    """Follows the profile `id`, whose journal is that of `key`, from `cursor` on.

    `record` has the UUIDs of the events it got, `ends` the ways in which streams ended, `seconds` how long each
    event took that was sent while a stream was open. One with a `nap` is slow: it reads nothing for so many seconds,
    then again for `awake` seconds, or for one event.
    """

    key: bytes
    id: str
    cursor: str
    client: Client = over_websocket
    record: list[str] = field(default_factory=list)
    ends: list[Ended] = field(default_factory=list)
    seconds: list[tuple[float, float]] = field(default_factory=list)
    streams: int = 0
    nap: float = 0
    awake: float = 0
    _woke: float = field(default_factory=time.monotonic)

    async def follow(self, address: str, token: str) -> Ended:
        """Follow one stream until it ends."""
        self.streams += 1
        opened = time.time()
        try:
            async with aclosing(self.client(address, token, {"id": self.id, "after": self.cursor})) as entries:
                async for told in entries:
                    self.cursor = told["cursor"]
                    self.record.append(told["node"]["uuid"])
                    sent = told["node"]["params"]["sentAt"]
                    if sent > opened:
                        self.seconds.append((sent, time.time() - sent))
                    if self.nap and time.monotonic() >= self._woke + self.awake:
                        await asyncio.sleep(self.nap)
                        self._woke = time.monotonic()
        except Ended as end:
            self.cursor = end.cursor or self.cursor
            self.ends.append(end)
            return end
        raise AssertionError("a feed ended and said nothing")

    async def stay(self, addresses: Sequence[str], token: str, *, first: int = 0) -> NoReturn:
        """Follow through one gateway after the other, whenever a stream ends."""
        for number in count(first):
            await self.follow(addresses[number % len(addresses)], token)
            await asyncio.sleep(AGAIN_SECONDS)
        raise AssertionError("there is no gateway")


@asynccontextmanager
async def staying(subscribers: Iterable[Subscriber], addresses: Sequence[str], token: str) -> AsyncIterator[None]:
    """Let all of them follow until the block ends; what goes wrong in one of them fails it."""
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(subscriber.stay(addresses, token)) for subscriber in subscribers]
        yield
        for task in running:
            task.cancel()


async def journal_of(workspace: Workspace, profile: bytes) -> list[str]:
    """Return the UUIDs of all events of a profile, in the journal's order."""
    uuids: list[str] = []
    seq = 0
    while page := await entries_after(workspace, profile, seq):
        uuids += [entry["uuid"] for entry in page if "uuid" in entry]
        seq = page[-1]["seq"]
    return uuids


async def differing(workspace: Workspace, subscribers: Sequence[Subscriber], *, within: float) -> list[Subscriber]:
    """Return whose record differs from the journal; they have `within` seconds to get as long as it is."""
    journals = {key: await journal_of(workspace, key) for key in {subscriber.key for subscriber in subscribers}}
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if all(len(each.record) >= len(journals[each.key]) for each in subscribers):
            break
        await asyncio.sleep(0.02)
    return [each for each in subscribers if each.record != journals[each.key]]
