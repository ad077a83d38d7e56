"""Events that keep coming: written through the real write path, and again when the store did not take them."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle

from storage.store.bus import Bus
from storage.store.errors import UnavailableError
from storage.store.workspace import Workspace
from storage.write.edits import edit
from tests.support.factories import TESTER, an_event

AGAIN_SECONDS = 0.1


async def write(workspace: Workspace, bus: Bus | None, profile: bytes) -> None:
    """Write an event that tells when it was sent, without a hint where there is no bus."""
    event = an_event(sentAt=time.time())
    while True:
        try:
            await edit(workspace, profile, lambda working: working.add_event(event) and None, actor=TESTER, bus=bus)
        except UnavailableError:
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            return


@asynccontextmanager
async def busy(workspace: Workspace, bus: Bus, profiles: Sequence[bytes], *, pause: float) -> AsyncIterator[None]:
    """Write to one profile after the other, `pause` seconds apart, until the block ends and the last one is there."""
    over = asyncio.Event()

    async def work() -> None:
        for profile in cycle(profiles):
            if over.is_set():
                return
            await write(workspace, bus, profile)
            await asyncio.sleep(pause)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(work())
        yield
        over.set()
