"""Groups: subscribers who want the same of the same, for whom each payload is executed once and encoded once."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Sequence

from gateway.execution.operation import Outlet, Result
from resolvers.live.stream import Payload, Stream
from storage.store.errors import ErrorCode, GatewayError

Execute = Callable[[Payload], Awaitable[Result]]
Told = tuple[Payload, Result]
MOST_PAYLOADS = 5_000  # that wait to be executed: what comes together after a pause of the store is no slow consumer
AT_ONCE = 16  # payloads that a member is sent together, when so many came together


class Member:
    """One subscriber: results go to its outlet, and past that wait for its transport in a bounded queue."""

    __slots__ = ("_end", "_limit", "_outlet", "_results", "_stream", "_waiter")

    def __init__(self, stream: Stream, outlet: Outlet, *, limit: int) -> None:
        self._stream = stream
        self._outlet = outlet
        self._limit = limit
        self._results: deque[Told] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._end: Exception | None = None

    def push(self, told: Sequence[Told]) -> int:
        """Take what is news to this subscriber, and return how many results were sent at once."""
        news = [each for each in told if self._stream.positions.is_news(each[0])] if self._end is None else []
        if not news:
            return 0
        # Nothing may overtake what the transport holds, and it holds nothing while it waits here.
        if self._waiter is not None and not self._waiter.done() and self._outlet([result for _, result in news]):
            self._stream.cursor = news[-1][0].cursor
            return len(news)
        if len(self._results) + len(news) > self._limit:
            self.overrun()
            return 0
        self._results.extend(news)
        self._wake()
        return 0

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
    """Members of one selection over one source. Payloads are executed one after the other, so their order is kept.

    `sent` is told how many results were sent at once.
    """

    def __init__(self, execute: Execute, sent: Callable[[int], None]) -> None:
        self.members: set[Member] = set()
        self._execute = execute
        self._sent = sent
        self._payloads: deque[Payload] = deque()
        self._working: asyncio.Task[None] | None = None

    def sink(self, payload: Payload) -> None:
        """Take what the source tells. Where executing can't keep up, members end as slow ones do."""
        if len(self._payloads) == MOST_PAYLOADS:
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
                await self._tell_next()
                await asyncio.sleep(0)  # other groups have members, too
        except Exception as error:  # noqa: BLE001 - each member's transport renders it, and so logs it
            for member in self.members:
                member.end(error)
        finally:
            self._working = None

    async def _tell_next(self) -> None:
        told: list[Told] = []
        try:
            while self._payloads and len(told) < AT_ONCE:
                payload = self._payloads.popleft()
                told.append((payload, await self._execute(payload)))
        finally:
            if told:
                self._sent(sum(member.push(told) for member in self.members))


class Groups:
    """The groups of one process; `limit` bounds what waits for a member."""

    def __init__(self, sent: Callable[[int], None], *, limit: int) -> None:
        self._sent = sent
        self._limit = limit
        self._groups: dict[Hashable, tuple[Group, Callable[[], None]]] = {}

    def __len__(self) -> int:
        return len(self._groups)

    def join(self, key: Hashable, stream: Stream, execute: Execute, outlet: Outlet) -> Member:
        """Add a subscriber to the group of `key`, which begins with its first one."""
        if key not in self._groups:
            group = Group(execute, self._sent)
            self._groups[key] = group, stream.follow(group.sink)
        member = Member(stream, outlet, limit=self._limit)
        self._groups[key][0].members.add(member)
        return member

    def leave(self, key: Hashable, member: Member) -> None:
        group, unfollow = self._groups[key]
        group.members.discard(member)
        if not group.members:
            del self._groups[key]
            unfollow()
            group.stop()
