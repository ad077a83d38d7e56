"""The connection to Redis: hints that make live feeds fast. Nothing of value lives there."""

from typing import Any, Self

from redis.asyncio import Redis, RedisCluster
from redis.exceptions import RedisError

from storage.errors import BadInputError, UnavailableError


class Bus:
    """One Redis, Valkey or cluster of them. `timeout` bounds every command, in seconds."""

    def __init__(self, client: Any) -> None:
        self._client = client

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
        await self._client.aclose()

    async def ping(self) -> None:
        try:
            await self._client.ping()
        except (RedisError, OSError) as error:
            raise UnavailableError("The bus does not answer; try again shortly.") from error

    async def hint(self, channel: str, message: str) -> bool:
        """Publish a hint and return whether that worked: a lost hint costs seconds, so no caller may fail for it."""
        try:
            await self._client.publish(channel, message)
        except (RedisError, OSError):
            return False
        return True
