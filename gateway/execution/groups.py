"""Groups of subscribers with the same selection of one source: each payload is executed and encoded once for all."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Sequence

from gateway.execution.operation import Outlet, Result
from resolvers.live.stream import Payload, Stream
from storage.store.errors import ErrorCode, GatewayError

Execute = Callable[[Payload], Awaitable[Result]]
Executed = tuple[Payload, Result]
MAX_PAYLOADS = 5_000  # that wait to be executed: a burst after a pause of the store makes no slow consumers
MAX_BATCH = 16  # payloads that are executed before members are sent their results


class Member:
    """One subscriber: results go to its outlet or, while it can't take them, to a bounded queue for its transport."""

    __slots__ = ("_end", "_is_over", "_limit", "_outlet", "_results", "_stream", "_waiter")

    def __init__(self, stream: Stream, outlet: Outlet, *, limit: int) -> None:
        self._stream = stream
        self._outlet = outlet
        self._limit = limit
        self._results: deque[Executed] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._end: Exception | None = None
        self._is_over = False

    def push(self, batch: Sequence[Executed]) -> int:
        """Take what this subscriber has not had yet, and return how many results were sent at once."""
        news = [each for each in batch if self._stream.positions.is_news(each[0])] if self._end is None else []
        if not news:
            return 0
        self._is_over = news[-1][0].is_last
        # Results may not overtake what the transport still has to send, which is nothing while it waits here.
        if self._waiter is not None and not self._waiter.done() and self._outlet([result for _, result in news]):
            self._stream.cursor = news[-1][0].cursor
            if self._is_over:
                self._wake()
            return len(news)
        if len(self._results) + len(news) > self._limit:
            self.overrun()
            return 0
        self._results.extend(news)
        self._wake()
        return 0

    def overrun(self) -> None:
        """End a subscriber that is too slow; it can resume after the last result that it was sent."""
        self._results.clear()
        self.end(
            GatewayError(
                f"More than {self._limit} messages were waiting to be read; subscribe again after this cursor.",
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
        """Yield results as they come, to the last one if there is one; raises the error that ends the subscription."""
        loop = asyncio.get_running_loop()
        while True:
            while self._results:
                payload, result = self._results.popleft()
                self._stream.cursor = payload.cursor
                yield result
            if self._end is not None:
                raise self._end
            if self._is_over:
                return
            self._waiter = loop.create_future()
            await self._waiter


class Group:
    """Members of one selection over one source. Payloads are executed one after the other, so their order is kept.

    `sent` is called with the number of results that were sent at once.
    """

    def __init__(self, execute: Execute, sent: Callable[[int], None]) -> None:
        self.members: set[Member] = set()
        self._execute = execute
        self._sent = sent
        self._payloads: deque[Payload] = deque()
        self._working: asyncio.Task[None] | None = None

    def sink(self, payload: Payload) -> None:
        """Take a payload of the source. When execution can't keep up, members end as slow ones do."""
        if len(self._payloads) == MAX_PAYLOADS:
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
                await self._execute_batch()
                await asyncio.sleep(0)  # so that other groups get their turn
        except Exception as error:  # noqa: BLE001 - each member's transport renders it, and so logs it
            for member in self.members:
                member.end(error)
        finally:
            self._working = None

    async def _execute_batch(self) -> None:
        batch: list[Executed] = []
        try:
            while self._payloads and len(batch) < MAX_BATCH:
                payload = self._payloads.popleft()
                batch.append((payload, await self._execute(payload)))
        finally:
            if batch:
                self._sent(sum(member.push(batch) for member in self.members))


class Groups:
    """The groups of one process; `limit` bounds the queue of each member."""

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
