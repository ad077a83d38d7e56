"""Waiting for whichever comes first: the work, or a reason to stop it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

T = TypeVar("T")


async def first(*works: Coroutine[Any, Any, T]) -> T:
    """Run `works` beside each other, return what the first one to end returns or raises, and cancel the rest.

    The cancelled have ended when this returns, so nothing runs on unseen. When several end at once, the
    earlier argument counts.
    """
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in tasks if task.done()).result()
    finally:
        await cancel(*tasks)


async def cancel(*tasks: asyncio.Future[Any]) -> None:
    """Cancel what still runs and wait until it has cleaned up."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def while_connected(receive: Receive, work: Coroutine[Any, Any, T], *, after: float = 0.02) -> T:
    """Return what `work` returns; when the client goes it is cancelled, and this raises `ClientDisconnect`.

    Looking takes a task, so that nobody looks before `after` seconds, by which most operations have ended.
    """
    watch = Watch(current_task(), receive)
    timer = asyncio.get_running_loop().call_later(after, watch.begin)
    try:
        return await work
    finally:
        timer.cancel()
        if watch.looking is not None:
            await watch.end()


class Watch:
    """Cancels a task when the client goes."""

    __slots__ = ("_gone", "_receive", "_task", "looking")

    def __init__(self, task: asyncio.Task[Any], receive: Receive) -> None:
        self.looking: asyncio.Task[None] | None = None
        self._task = task
        self._receive = receive
        self._gone = False

    def begin(self) -> None:
        self.looking = asyncio.ensure_future(self._look())

    async def end(self) -> None:
        """Look no longer; raises `ClientDisconnect` when the client went."""
        try:
            if self.looking is not None:
                await cancel(self.looking)
        except asyncio.CancelledError:
            if not self._gone:
                raise
        if self._gone and not self._task.uncancel():
            raise ClientDisconnect

    async def _look(self) -> None:
        await disconnected(self._receive)
        self._gone = True
        self._task.cancel()


def current_task() -> asyncio.Task[Any]:
    """Return the task that runs now."""
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("This runs in a task.")
    return task


async def disconnected(receive: Receive) -> None:
    """Return when the client of an HTTP request, whose body is read already, has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
