"""What every live subscription consists of: what the subscriber missed, then what its whole group receives."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Payload:
    """One message: `content` is the root value, `cursor` resumes after it.

    Of the payloads about one `key`, only those with a higher `position` than the last are news. The stream ends after
    one that `is_last`, and by the `error` of one that has one.
    """

    content: Mapping[str, Any]
    key: Any = None
    position: Any = None
    cursor: str | None = None
    is_last: bool = False
    error: Exception | None = None

    def told(self) -> Mapping[str, Any]:
        """Return the content; raises the error if there is one."""
        if self.error is not None:
            raise self.error
        return self.content


Sink = Callable[[Payload], None]


@dataclass(slots=True)
class Positions:
    """How far a subscriber has got, by key."""

    reached: dict[Any, Any] = field(default_factory=dict)

    def is_news(self, payload: Payload) -> bool:
        """Return whether a payload is news to the subscriber; from now on it is not."""
        if payload.position is None:
            return True
        last = self.reached.get(payload.key)
        if last is not None and payload.position <= last:
            return False
        self.reached[payload.key] = payload.position
        return True


class Stream(ABC):
    """The source of a subscription, from the moment it was admitted; it has to be closed.

    `missed` ends when it has yielded everything, without waiting after that: a caller of `follow` that does not wait
    either has no gap, and `positions` spare it repetitions. `cursor` is where the subscriber can resume, if it can.
    """

    def __init__(self, using: AsyncExitStack, *, cursor: str | None = None) -> None:
        self._using = using
        self.cursor = cursor
        self.positions = Positions()

    @abstractmethod
    def missed(self) -> AsyncGenerator[Payload, None]: ...

    @abstractmethod
    def follow(self, sink: Sink) -> Callable[[], None]:
        """Call `sink` with each payload from now on, until the function that this returns is called."""

    async def close(self) -> None:
        await self._using.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def __aiter__(self) -> AsyncIterator[Mapping[str, Any]]:
        """Yield contents for one subscriber alone, without a bound on what waits for it."""
        waiting: deque[Payload] = deque()
        arrived = asyncio.Event()

        def sink(payload: Payload) -> None:
            waiting.append(payload)
            arrived.set()

        async with self:
            async for payload in self.missed():
                if self.positions.is_news(payload):
                    yield payload.told()
                if payload.is_last:
                    return
            leave = self.follow(sink)
            try:
                while True:
                    await arrived.wait()
                    arrived.clear()
                    while waiting:
                        payload = waiting.popleft()
                        if self.positions.is_news(payload):
                            yield payload.told()
                        if payload.is_last:
                            return
            finally:
                leave()
