"""Groups: subscribers who want the same of the same, for whom each payload is executed once and encoded once."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable

from gateway.execution.results import Result
from resolvers.live.stream import Payload, Stream
from storage.errors import ErrorCode, GatewayError

Execute = Callable[[Payload], Awaitable[Result]]


class Member:
    """One subscriber: a bounded queue of results between its group and its transport."""

    def __init__(self, stream: Stream, *, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._results: deque[tuple[Payload, Result]] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._end: Exception | None = None

    def push(self, payload: Payload, result: Result) -> None:
        """Put on a result, unless it is no news to this subscriber."""
        if self._end is not None or not self._stream.positions.is_news(payload):
            return
        if len(self._results) == self._limit:
            self.overrun()
            return
        self._results.append((payload, result))
        self._wake()

    def overrun(self) -> None:
        """End a subscriber that is too slow: it can resume after what it was sent last."""
        self._results.clear()
        self.end(
            GatewayError(
                f"More than {self._limit} messages waited to be read; subscribe again after this cursor.",
                code=ErrorCode.SLOW_CONSUMER,
                cursor=self._stream.cursor,
            )
        )

    def end(self, error: Exception) -> None:
        self._end = error
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def results(self) -> AsyncGenerator[Result, None]:
        """Yield results as they come; raises the error that ends the subscription."""
        loop = asyncio.get_running_loop()
        while True:
            while self._results:
                payload, result = self._results.popleft()
                self._stream.cursor = payload.cursor
                yield result
            if self._end is not None:
                raise self._end
            self._waiter = loop.create_future()
            await self._waiter


class Group:
    """Members of one selection over one source. Payloads are executed one after the other, so their order is kept."""

    def __init__(self, execute: Execute, *, limit: int) -> None:
        self.members: set[Member] = set()
        self._execute = execute
        self._limit = limit
        self._payloads: deque[Payload] = deque()
        self._working: asyncio.Task[None] | None = None

    def sink(self, payload: Payload) -> None:
        """Take what the source tells. Where executing can't keep up, members end as slow ones do."""
        if len(self._payloads) == self._limit:
            self._payloads.clear()
            for member in self.members:
                member.overrun()
            return
        self._payloads.append(payload)
        if self._working is None:
            self._working = asyncio.create_task(self._work())

    def stop(self) -> None:
        if self._working is not None:
            self._working.cancel()

    async def _work(self) -> None:
        try:
            while self._payloads:
                payload = self._payloads.popleft()
                result = await self._execute(payload)
                for member in self.members:
                    member.push(payload, result)
        except Exception as error:  # noqa: BLE001 - each member's transport renders it, and so logs it
            for member in self.members:
                member.end(error)
        finally:
            self._working = None


class Groups:
    """The groups of one process; `limit` bounds what waits for a group and for each of its members."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._groups: dict[Hashable, tuple[Group, Callable[[], None]]] = {}

    def __len__(self) -> int:
        return len(self._groups)

    def join(self, key: Hashable, stream: Stream, execute: Execute) -> Member:
        """Add a subscriber to the group of `key`, which begins with its first one."""
        if key not in self._groups:
            group = Group(execute, limit=self._limit)
            self._groups[key] = group, stream.follow(group.sink)
        member = Member(stream, limit=self._limit)
        self._groups[key][0].members.add(member)
        return member

    def leave(self, key: Hashable, member: Member) -> None:
        group, unfollow = self._groups[key]
        group.members.discard(member)
        if not group.members:
            del self._groups[key]
            unfollow()
            group.stop()
