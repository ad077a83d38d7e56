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


class WhileConnected:
    """Cancels what runs within when the client goes, as `ClientDisconnect`; nobody looks in the first milliseconds.

    Looking takes a task, and most operations end before it would have begun.
    """

    def __init__(self, receive: Receive, *, after: float = 0.02) -> None:
        self._receive = receive
        self._after = after
        self._watch: asyncio.Task[None] | None = None
        self._gone = False

    async def __aenter__(self) -> None:
        self._task = current_task()
        self._timer = asyncio.get_running_loop().call_later(self._after, self._begin)

    async def __aexit__(self, type: object, error: BaseException | None, traceback: object) -> None:
        self._timer.cancel()
        try:
            if self._watch is not None:
                await cancel(self._watch)
        except asyncio.CancelledError:
            if not self._gone:
                raise
        if self._gone and not self._task.uncancel():
            raise ClientDisconnect from error

    def _begin(self) -> None:
        self._watch = asyncio.ensure_future(self._look())

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
