"""Jobs are shared by leases: one process has one at a time, and who lost it can do no harm."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage import jobs, setup
from storage.job_leases import Lease, advance, claim, finish, give_back, held_job
from storage.jobs import MOST_UNFINISHED, JobDoc, JobKind, JobStatus
from storage.store.leases import LostLeaseError
from storage.store.mongo import Database
from storage.store.refusals import RefusedError, UserErrorCode
from storage.store.workspace import Workspace
from tests.support.jobs import LEASE, an_import, people, seen

KINDS = list(JobKind)
SHORT = timedelta(milliseconds=50)
CONTENT = people(3)


@pytest.fixture
async def demo(any_database: Database) -> Workspace:
    """Give a workspace of a database of its own, since claims look at all of it."""
    return await setup.prepare_workspace(any_database, "demo", name="Demo")


async def claimed(database: Database, *, lease: timedelta = LEASE) -> tuple[JobDoc, Lease]:
    job = await claim(database, KINDS, lease=lease)
    assert job is not None
    return job, Lease(job["_id"], job["fence"])


async def step(database: Database, lease: Lease, done: int) -> None:
    await advance(database, lease, done=done, counted="created", add={})


async def test_each_job_is_claimed_once_the_oldest_first(demo: Workspace) -> None:
    made = [await an_import(demo, CONTENT) for _ in range(6)]
    found = await asyncio.gather(*(claim(demo.database, KINDS, lease=LEASE) for _ in range(3)))
    ids = [job["_id"] for job in found if job]
    ids += [(await claimed(demo.database))[0]["_id"] for _ in range(6 - len(ids))]
    assert sorted(ids) == sorted(job["_id"] for job in made)
    assert ids[3:] == sorted(ids[3:])
    assert await claim(demo.database, KINDS, lease=LEASE) is None
    assert await claim(demo.database, [], lease=LEASE) is None


async def test_a_claimed_job_says_so_and_comes_with_its_content(demo: Workspace) -> None:
    made = await an_import(demo, CONTENT)
    job, _ = await claimed(demo.database)
    assert job == {
        **made,
        **{key: job[key] for key in ("startedAt", "renewedAt")},
        "status": JobStatus.RUNNING,
        "fence": 1,
        "version": 2,
        "content": CONTENT,
    }
    assert job["startedAt"]
    assert "content" not in await seen(demo, made)


async def test_a_job_whose_holder_fell_silent_is_taken_over_where_it_is(demo: Workspace) -> None:
    made = await an_import(demo, CONTENT)
    first, lease = await claimed(demo.database)
    await step(demo.database, lease, 0)
    assert await claim(demo.database, KINDS, lease=LEASE) is None
    await asyncio.sleep(2 * SHORT.total_seconds())
    second, _ = await claimed(demo.database, lease=SHORT)
    assert (second["_id"], second["fence"], second["done"], second["takeovers"]) == (made["_id"], 2, 1, 1)
    assert second["startedAt"] == first["startedAt"]


async def test_each_step_renews_the_lease_by_the_clock_of_the_store(demo: Workspace) -> None:
    await an_import(demo, CONTENT)
    job, lease = await claimed(demo.database)
    await asyncio.sleep(0.03)
    await step(demo.database, lease, 0)
    renewed = (await held_job(demo.database, lease))["renewedAt"]
    assert job["renewedAt"] < renewed <= await demo.database.now()


Write = Callable[[Database, Lease], Coroutine[Any, Any, Any]]
WRITES: dict[str, Write] = {
    "advance": lambda database, lease: step(database, lease, 0),
    "finish": lambda database, lease: finish(database, lease, JobStatus.SUCCEEDED),
    "held_job": held_job,
}


@pytest.mark.parametrize("write", WRITES)
async def test_a_process_that_comes_back_too_late_is_refused(demo: Workspace, write: str) -> None:
    made = await an_import(demo, CONTENT)
    _, zombie = await claimed(demo.database)
    await asyncio.sleep(2 * SHORT.total_seconds())
    _, lease = await claimed(demo.database, lease=SHORT)
    before = await seen(demo, made)
    with pytest.raises(LostLeaseError):
        await WRITES[write](demo.database, zombie)
    await give_back(demo.database, zombie)
    assert await seen(demo, made) == before
    await WRITES[write](demo.database, lease)


async def test_a_step_is_recorded_once(demo: Workspace) -> None:
    await an_import(demo, CONTENT)
    _, lease = await claimed(demo.database)
    await step(demo.database, lease, 0)
    with pytest.raises(LostLeaseError):
        await step(demo.database, lease, 0)
    job = await held_job(demo.database, lease)
    assert (job["done"], job["result"]["created"]) == (1, 1)


async def test_a_job_that_was_given_back_is_there_for_the_next_at_once(demo: Workspace) -> None:
    await an_import(demo, CONTENT)
    _, lease = await claimed(demo.database)
    await step(demo.database, lease, 0)
    await give_back(demo.database, lease)
    job, _ = await claimed(demo.database)
    assert (job["done"], job["fence"], job["takeovers"]) == (1, 2, 0)


@pytest.mark.parametrize("status", [JobStatus.SUCCEEDED, JobStatus.FAILED])
async def test_a_finished_job_loses_its_content_and_is_kept_for_a_while(demo: Workspace, status: JobStatus) -> None:
    made = await an_import(demo, CONTENT)
    _, lease = await claimed(demo.database)
    await finish(demo.database, lease, status, error="Why.")
    job = await seen(demo, made)
    assert (job["status"], job["error"]) == (status, "Why.")
    assert job["finishedAt"] is not None
    assert job["expiresAt"] - job["finishedAt"] == jobs.KEPT
    assert "C-1" not in repr(await demo.find("jobs", {}))
    assert await claim(demo.database, KINDS, lease=timedelta(0)) is None


async def test_a_cancelled_job_is_no_longer_its_workers(demo: Workspace) -> None:
    made = await an_import(demo, CONTENT)
    _, lease = await claimed(demo.database)
    await jobs.cancel_job(demo, made["_id"], now=datetime.now(UTC), session=None)
    job = await seen(demo, made)
    assert job["status"] == JobStatus.CANCELLED
    with pytest.raises(LostLeaseError):
        await step(demo.database, lease, 0)
    await jobs.cancel_job(demo, made["_id"], now=datetime.now(UTC), session=None)
    assert await seen(demo, made) == job
    assert "C-1" not in repr(await demo.find("jobs", {}))


async def test_a_workspace_has_so_many_unfinished_jobs_and_no_more(demo: Workspace) -> None:
    one = await an_import(demo, CONTENT)
    others = [{**one, "_id": number.to_bytes(16, "big")} for number in range(MOST_UNFINISHED - 1)]
    await demo.database.insert("jobs", others)
    with pytest.raises(RefusedError) as refused:
        await an_import(demo, CONTENT)
    assert [error.code for error in refused.value.errors] == [UserErrorCode.TOO_MANY]
    other = await setup.prepare_workspace(demo.database, "other", name="Other")
    await an_import(other, CONTENT)
    await jobs.cancel_job(demo, one["_id"], now=datetime.now(UTC), session=None)
    await an_import(demo, CONTENT)
