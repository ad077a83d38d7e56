"""Following hints: the channels that somebody wants to hear of, over one connection that comes back by itself."""

import asyncio
from collections.abc import Callable
from typing import Any, NoReturn

from redis.asyncio import RedisCluster

from storage.store.bus import AWAY, Bus
from storage.store.mongo import batches

JOBS = "gateway:jobs"  # tells workers that a job waits
HOME = "gateway:hints"  # always followed, so that the connection is one of a subscriber from its start
PATIENCE = 0.5
NODE_PATIENCE = 0.02  # a cluster's nodes are read in turn


def profile_channel(profile: bytes) -> str:
    """Return the channel on which each write of a profile tells its `seq`."""
    return f"profile:{profile.hex()}"


def workspace_channel(workspace: str) -> str:
    """Return the channel on which each write in a workspace is told, without what it was."""
    return f"workspace:{workspace}"


def definitions_channel(workspace: str) -> str:
    """Return the channel on which it is told that a catalogue of a workspace has changed."""
    return f"definitions:{workspace}"


def job_channel(job: bytes) -> str:
    """Return the channel on which it is told that a job has moved."""
    return f"job:{job.hex()}"


class Hints:
    """Tells `on_hint` (channel, message) of each hint, and `on_gap` (channel) when some may have been missed before.

    The latter is so whenever a channel begins to be heard: for the first time, or again after the connection was lost.
    """

    def __init__(self, bus: Bus, on_hint: Callable[[str, str], None], on_gap: Callable[[str], None]) -> None:
        self._client = bus.client
        self._on_hint = on_hint
        self._on_gap = on_gap
        self._wanted: set[str] = set()
        self._changed = asyncio.Event()

    def follow(self, channel: str) -> None:
        self._wanted.add(channel)
        self._changed.set()

    def leave(self, channel: str) -> None:
        self._wanted.discard(channel)
        self._changed.set()

    async def run(self) -> NoReturn:
        """Follow for as long as this runs; a bus that is away is tried again and again."""
        while True:
            pubsub = self._client.pubsub()
            try:
                await self._client.initialize()  # a cluster that does not know its nodes yet forgets subscriptions
                await pubsub.ssubscribe(HOME)
                self._changed.set()
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._subscribe(pubsub))
                    tasks.create_task(self._read(pubsub))
            except* AWAY:
                await asyncio.sleep(PATIENCE)
            finally:
                await pubsub.aclose()

    async def _subscribe(self, pubsub: Any) -> None:
        followed: set[str] = set()
        task = asyncio.current_task()
        while task is None or not task.cancelling():  # the client loses a cancellation that comes while it sends
            await self._changed.wait()
            self._changed.clear()
            wanted = set(self._wanted)
            for channels in batches(sorted(wanted - followed)):
                await pubsub.ssubscribe(*channels)
            for channels in batches(sorted(followed - wanted)):
                await pubsub.sunsubscribe(*channels)
            followed = wanted

    async def _read(self, pubsub: Any) -> NoReturn:
        receive, wait = pubsub.get_message, PATIENCE
        if isinstance(self._client, RedisCluster):
            receive, wait = pubsub.get_sharded_message, NODE_PATIENCE
        while True:
            message = await receive(timeout=wait)
            if message is None:
                continue
            channel = message["channel"].decode()
            if message["type"] == "smessage":
                self._on_hint(channel, message["data"].decode())
            elif message["type"] == "ssubscribe":
                self._on_gap(channel)
