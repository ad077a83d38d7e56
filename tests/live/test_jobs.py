"""`job`: followed from where it is to its end, by as many as like, for one query a second."""

import asyncio
from typing import Any

import pytest

from resolvers.feeds import jobs as feeds
from storage.credentials import Scope
from storage.job_leases import Lease, advance, claim, finish
from storage.jobs import NOUN, JobDoc, JobKind, JobStatus
from storage.setup import prepare_workspace
from storage.store.hints import job_channel
from storage.store.ids import to_public
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from tests.support.jobs import LEASE, an_import, people
from tests.support.live.following import Followed, Live, until_followed

QUERY = "subscription ($id: ID!) { job(id: $id) { job { __typename id status done total ... on Import { created } } } }"


@pytest.fixture
async def workspace(database: Database) -> Workspace:
    """Return a workspace of a database of its own, since claims look at all of it."""
    return await prepare_workspace(database, "demo", name="Demo")


def id_of(job: JobDoc) -> str:
    return to_public(NOUN.prefix, job["_id"])


async def claimed(workspace: Workspace) -> Lease:
    job = await claim(workspace.database, list(JobKind), lease=LEASE)
    assert job is not None
    return Lease(job["_id"], job["fence"])


async def told(followed: Followed) -> tuple[str, int]:
    job = (await followed.next())["job"]
    return job["status"], job["done"]


async def over(followed: Followed) -> bool:
    """Return whether the subscription was completed."""
    async with asyncio.timeout(10):
        return await anext(followed.results, None) is None


async def test_a_job_is_followed_to_its_end(live: Live, workspace: Workspace) -> None:
    made = await an_import(workspace, people(2))
    async with live.follow(QUERY, id=id_of(made)) as followed:
        first = {"__typename": "Import", "id": id_of(made), "status": "QUEUED", "done": 0, "total": 2, "created": 0}
        assert await followed.next() == {"job": first}
        waiting = asyncio.ensure_future(told(followed))
        await until_followed(live)
        lease = await claimed(workspace)
        assert await waiting == ("RUNNING", 0)
        await advance(workspace.database, lease, done=0, counted="created", add={})
        assert await told(followed) == ("RUNNING", 1)
        await finish(workspace.database, lease, JobStatus.SUCCEEDED)
        assert await told(followed) == ("SUCCEEDED", 1)
        assert await over(followed)
    assert len(live.hub) == 0
    assert len(live.engine.subscriptions.groups) == 0


async def test_a_finished_job_is_told_once(live: Live, workspace: Workspace) -> None:
    made = await an_import(workspace, people(1))
    await finish(workspace.database, await claimed(workspace), JobStatus.FAILED, error="Why.")
    async with live.follow(QUERY, id=id_of(made)) as followed:
        assert await told(followed) == ("FAILED", 0)
        assert await over(followed)
    assert len(live.hub) == 0


async def test_a_hint_is_faster_than_the_poll(
    live: Live, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "POLL_SECONDS", 600.0)
    await asyncio.sleep(1.1)  # until the poll that began before is over
    made = await an_import(workspace, people(1))
    async with live.follow(QUERY, id=id_of(made)) as followed:
        assert await told(followed) == ("QUEUED", 0)
        waiting = asyncio.ensure_future(told(followed))
        await until_followed(live)
        await claimed(workspace)
        await asyncio.sleep(0.5)
        await live.bus.hint({job_channel(made["_id"]): ""})
        assert await waiting == ("RUNNING", 0)


async def test_all_followers_share_one_look(live: Live, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    real = feeds.moved

    async def counted(*given: Any) -> Any:
        nonlocal looks
        looks += 1
        return await real(*given)

    monkeypatch.setattr(feeds, "moved", counted)
    jobs = [await an_import(workspace, people(1)) for _ in range(3)]
    followers = [live.start(QUERY, id=id_of(job), key=f"pgk_{number}") for job in jobs for number in range(4)]
    ends = [asyncio.ensure_future(collected(follower)) for follower in followers]
    async with asyncio.timeout(10):
        while len(live.engine.subscriptions.groups) < 3:
            await asyncio.sleep(0.01)
    before, began = looks, asyncio.get_running_loop().time()
    await asyncio.sleep(2)
    for _ in jobs:
        await finish(workspace.database, await claimed(workspace), JobStatus.SUCCEEDED)
    results = await asyncio.gather(*ends)
    assert looks - before <= (asyncio.get_running_loop().time() - began) / feeds.POLL_SECONDS + 1
    assert {result[-1] for result in results} == {"SUCCEEDED"}
    assert {result[0] for result in results} == {"QUEUED"}
    assert len(live.hub) == 0


async def collected(results: Any) -> list[str]:
    async with asyncio.timeout(20):
        return [result.body["data"]["job"]["job"]["status"] async for result in results]


async def test_who_may_not_read_is_refused(live: Live, workspace: Workspace) -> None:
    made = await an_import(workspace, people(1))
    others = await prepare_workspace(workspace.database, "other", name="Other")
    theirs = await an_import(others, people(1))
    for id in (id_of(theirs), to_public(NOUN.prefix, bytes(16)), to_public("prf", made["_id"]), "x"):
        assert (await live.refused(QUERY, id=id))["extensions"]["code"] == "NOT_FOUND"
    error = await live.refused(QUERY, id=id_of(made), scopes=frozenset(Scope) - {Scope.PROFILES_READ})
    assert error["extensions"]["code"] == "FORBIDDEN"
    async with live.follow(QUERY, id=id_of(made)) as followed:  # a feed that is there is still not another workspace's
        await followed.next()
        live.workspace = others
        assert (await live.refused(QUERY, id=id_of(made)))["extensions"]["code"] == "NOT_FOUND"
