"""Shared work, which keeps a crowd of equal requests from reaching the stores."""

import asyncio

import pytest

from gateway.concurrency.single_flight import SingleFlight


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
