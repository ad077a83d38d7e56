"""Subscribing and leaving, over and over, leaves nothing behind."""

import asyncio
import gc
from contextlib import suppress

from tests.live.test_activity import ACTIVITY
from tests.support.factories import a_profile
from tests.support.live.following import Live, id_of, until_followed

CYCLES, AT_ONCE = 10_000, 250
SLACK = 500  # objects: caches of Python and of libraries that fill late


async def cycle(live: Live, id: str) -> None:
    """Subscribe, wait to be with the group, and leave as a client does that goes away."""
    results = live.start(ACTIVITY, id=id)
    waiting = asyncio.ensure_future(anext(results))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    await results.aclose()


def objects() -> int:
    gc.collect()
    return len(gc.get_objects())


async def test_ten_thousand_subscriptions_come_and_go(live: Live) -> None:
    id = id_of(await a_profile(live.workspace))
    async with live.follow(ACTIVITY, id=id) as followed:
        staying = asyncio.ensure_future(anext(followed.results))
        await until_followed(live)
        sizes = []
        for number in range(0, CYCLES, AT_ONCE):
            await asyncio.gather(*(cycle(live, id) for _ in range(AT_ONCE)))
            if number in (CYCLES // 5, CYCLES - AT_ONCE):
                sizes.append(objects())
        assert len(live.engine.subscriptions.groups) == 1
        assert len(live.hub) == 1
        assert sizes[1] - sizes[0] < SLACK
        staying.cancel()
        with suppress(asyncio.CancelledError):
            await staying
    assert (len(live.hub), len(live.engine.subscriptions.groups)) == (0, 0)
