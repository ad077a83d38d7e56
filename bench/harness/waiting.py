"""Wait for a condition, with a bound: in a coroutine or in a thread."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def until(condition: Callable[[], object], *, seconds: float = 10.0) -> None:
    """Wait until `condition()` is true; raises `TimeoutError` after `seconds`."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for may be in another process
            await asyncio.sleep(0.01)


def wait_for(probe: Callable[[], T | None], what: str, *, seconds: float = 60) -> T:
    """Return the first true answer of `probe`; raises `AssertionError` after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := probe():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} seconds: {what}")
