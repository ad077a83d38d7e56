"""Waiting for whichever comes first: the work, or a reason to stop it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

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


async def disconnected(receive: Receive) -> None:
    """Return when the client of an HTTP request, whose body is read already, has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
