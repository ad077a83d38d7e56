"""The connection to Redis: hints that make live feeds fast. Nothing of value lives there."""

import asyncio
from collections.abc import Mapping
from typing import Any, Self

from redis.asyncio import Redis, RedisCluster
from redis.exceptions import RedisClusterException, RedisError

from storage.store.errors import BadInputError, UnavailableError

AT_ONCE = 16
HINT_SECONDS = 0.5
AWAY = (RedisError, RedisClusterException, OSError)  # what the client raises when no server answers as it should


class Bus:
    """One Redis, Valkey or cluster of them, used through sharded pub/sub on each. `timeout` is in seconds, a command.

    A hint is a message on a channel; who follows channels does so by `storage.store.hints`.
    """

    def __init__(self, client: Any) -> None:
        self.client = client
        self._at_once = asyncio.Semaphore(AT_ONCE)

    @classmethod
    def connect(cls, url: str, *, timeout: float = 3.0) -> Self:
        """Open a client for `redis://`, `rediss://` or, for a cluster, `redis+cluster://`; nothing is contacted yet."""
        options: dict[str, Any] = {"socket_timeout": timeout, "socket_connect_timeout": timeout}
        try:
            if url.startswith("redis+cluster://"):
                return cls(RedisCluster.from_url(url.replace("redis+cluster", "redis", 1), **options))
            return cls(Redis.from_url(url, **options))
        except ValueError as error:
            raise BadInputError(f"Redis can't be reached like this: {error}") from error

    async def close(self) -> None:
        await self.client.aclose()

    async def ping(self) -> None:
        try:
            await self.client.ping()
        except AWAY as error:
            raise UnavailableError("The bus does not answer; try again shortly.") from error

    async def hint(self, hints: Mapping[str, str]) -> bool:
        """Publish a message on each channel and return whether that worked.

        A hint that is lost costs seconds, so no caller may fail for it, and none waits long for a server that hangs.
        """
        publishing = (self._publish(channel, message) for channel, message in hints.items())
        try:
            async with asyncio.timeout(HINT_SECONDS):
                return all(await asyncio.gather(*publishing))
        except TimeoutError:
            return False

    async def _publish(self, channel: str, message: str) -> bool:
        async with self._at_once:
            try:
                await self.client.spublish(channel, message)
            except AWAY:
                return False
            return True
