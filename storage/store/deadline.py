"""The moment after which the store is not waited for: what still waits then fails alone, and the rest is answered."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

from storage.store.errors import LateError

# By the clock of the event loop; None for what takes as long as it takes.
moment: ContextVar[float | None] = ContextVar("moment", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give what is called inside of the block so many seconds for all that it asks the store."""
    token = moment.set(asyncio.get_running_loop().time() + seconds)
    try:
        yield
    finally:
        moment.reset(token)


@asynccontextmanager
async def in_time() -> AsyncIterator[None]:
    """Raise `LateError` when the moment comes while the block waits."""
    timer = asyncio.timeout_at(moment.get())
    try:
        async with timer:
            yield
    except TimeoutError as error:
        if not timer.expired():
            raise
        raise LateError("There was no time left for this; ask for less at a time.") from error
