"""Clients that go away before their answer is ready: what runs for them is cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.concurrency.tasks import cancel, current_task

T = TypeVar("T")


async def disconnected(receive: Receive) -> None:
    """Return when the client of an HTTP request, whose body has been read, has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def while_connected(receive: Receive, work: Coroutine[Any, Any, T], *, after: float = 0.02) -> T:
    """Return what `work` returns; when the client goes it is cancelled, and this raises `ClientDisconnect`.

    Watching takes a task, so that it begins only after `after` seconds, by which most operations have ended.
    """
    watch = Watch(current_task(), receive)
    timer = asyncio.get_running_loop().call_later(after, watch.begin)
    try:
        return await work
    finally:
        timer.cancel()
        if watch.watching is not None:
            await watch.end()


class Watch:
    """Cancels a task when the client goes."""

    __slots__ = ("_gone", "_receive", "_task", "watching")

    def __init__(self, task: asyncio.Task[Any], receive: Receive) -> None:
        self.watching: asyncio.Task[None] | None = None
        self._task = task
        self._receive = receive
        self._gone = False

    def begin(self) -> None:
        self.watching = asyncio.ensure_future(self._watch())

    async def end(self) -> None:
        """Stop watching; raises `ClientDisconnect` when the client went."""
        try:
            if self.watching is not None:
                await cancel(self.watching)
        except asyncio.CancelledError:
            if not self._gone:
                raise
        if self._gone and not self._task.uncancel():
            raise ClientDisconnect

    async def _watch(self) -> None:
        await disconnected(self._receive)
        self._gone = True
        self._task.cancel()
