"""Shared work and bounded memory: what keeps a crowd of equal requests from reaching the stores."""

import asyncio
from time import monotonic

import pytest

from gateway.credentials.expiring_cache import ExpiringCache
from gateway.credentials.single_flight import SingleFlight


class Work:
    """Counts its runs, and finishes when it is told to."""

    def __init__(self) -> None:
        self.runs = 0
        self.may_end = asyncio.Event()

    async def __call__(self) -> int:
        self.runs += 1
        await self.may_end.wait()
        return self.runs


async def test_callers_at_the_same_time_share_one_run() -> None:
    flights, work = SingleFlight[int](), Work()
    callers = [asyncio.create_task(flights.run("key", work)) for _ in range(10)]
    await asyncio.sleep(0)
    work.may_end.set()
    assert await asyncio.gather(*callers) == [1] * 10
    assert await flights.run("key", work) == 2


async def test_keys_do_not_wait_for_each_other() -> None:
    flights, slow, quick = SingleFlight[int](), Work(), Work()
    waiting = asyncio.create_task(flights.run("slow", slow))
    quick.may_end.set()
    assert await flights.run("quick", quick) == 1
    slow.may_end.set()
    assert await waiting == 1


async def test_cancelled_caller_leaves_the_run_to_the_others() -> None:
    flights, work = SingleFlight[int](), Work()
    first, second = (asyncio.create_task(flights.run("key", work)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    work.may_end.set()
    assert await second == 1
    assert first.cancelled()


async def test_every_caller_gets_the_error_and_the_next_one_tries_again() -> None:
    async def fail() -> int:
        raise LookupError

    flights, work = SingleFlight[int](), Work()
    failures = await asyncio.gather(*(flights.run("key", fail) for _ in range(3)), return_exceptions=True)
    assert [type(failure) for failure in failures] == [LookupError] * 3
    work.may_end.set()
    assert await flights.run("key", work) == 1


async def test_close_cancels_what_runs() -> None:
    flights, work = SingleFlight[int](), Work()
    caller = asyncio.create_task(flights.run("key", work))
    await asyncio.sleep(0)
    await flights.close()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert not flights.is_running("key")


def test_cache_drops_the_least_recently_used() -> None:
    cache = ExpiringCache[int](2)
    later = monotonic() + 600
    cache.put("a", 1, until=later)
    cache.put("b", 2, until=later)
    assert cache.get("a") == 1
    cache.put("c", 3, until=later)
    assert [cache.get(key) for key in "abc"] == [1, None, 3]
    assert len(cache) == 2


async def test_cache_forgets_in_time() -> None:
    cache = ExpiringCache[int](2)
    cache.put("a", 1, until=monotonic() + 600)
    cache.put("a", 1, until=monotonic())
    assert cache.get("a") is None
    assert len(cache) == 0
    cache.put("b", 2, until=monotonic() + 0.05)
    async with asyncio.timeout(10):
        while cache.get("b"):
            await asyncio.sleep(0.01)
    assert len(cache) == 0
