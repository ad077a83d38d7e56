"""The worker: it does what waits, at once, and leaves what it has to others when it is stopped, killed or late."""

import asyncio
import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.harness.gateways import Gateway
from bench.harness.processes import discarded
from gateway.embedded.mongodb import start_mongodb
from gateway.settings import Settings
from gateway.workers import worker
from resolvers.imports import running
from resolvers.verification import verify
from storage import setup
from storage.imports import ImportFormat
from storage.job_leases import claim
from storage.jobs import JobDoc, JobKind, JobStatus, cancel_job
from storage.store.bus import Bus
from storage.store.errors import UnavailableError
from storage.store.hints import JOBS
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from tests.support.edge import listening
from tests.support.factories import TESTER
from tests.support.jobs import an_import, people, seen, until_finished, working

COUNTS = ("created", "updated", "unchanged", "skipped")
SECRET = "verysecret"


@pytest.fixture
async def demo(database: Database) -> Workspace:
    """Return a workspace of a database of its own, since workers look at all of it."""
    return await setup.prepare_workspace(database, "demo", name="Demo")


def counts(job: JobDoc) -> dict[str, int]:
    return {name: job["result"][name] for name in COUNTS}


async def names(workspace: Workspace) -> Counter[str]:
    """Return how many profiles each person has, and how many entries of the journal made or changed one."""
    return Counter(profile["identities"]["customId"] for profile in await workspace.find("profiles", {}))


async def test_an_import_is_done_row_by_row(demo: Workspace) -> None:
    content = "customId,mail,points,Name\nC-1,a@example.com,,Ann\nC-1,,,Eve\n,,,Bob\nC-1,,,Eve\nC-2,b@example.com,,\n"
    columns = [{"column": "mail", "field": "email"}, {"column": "Name", "field": "firstName"}]
    made = await an_import(demo, content, columns=columns, user="Adam")
    async with working(demo.database):
        job = await until_finished(demo, made)
    assert (job["status"], job["done"], job["total"], job["error"]) == (JobStatus.SUCCEEDED, 5, 5, None)
    assert counts(job) == {"created": 2, "updated": 1, "unchanged": 1, "skipped": 1}
    (problem,) = job["result"]["problems"]
    assert (problem["line"], problem["code"], problem["field"]) == (4, "BLANK", [])
    entries = await demo.find("journal", {})
    assert {(entry["actor"]["id"], entry["actor"]["onBehalfOf"], entry["source"]) for entry in entries} == {
        (TESTER.id, "Adam", "IMPORT")
    }
    assert job["startedAt"] is not None
    assert job["finishedAt"] is not None
    assert job["createdAt"] <= job["startedAt"] <= job["finishedAt"]


async def test_problems_name_no_value(demo: Workspace) -> None:
    row = {
        "customId": "C-1",
        "email": f"{SECRET}@{SECRET}@example.com",
        "phone": SECRET,
        "birthDate": SECRET,
        "tags": [{SECRET: SECRET}],
        "nothing": SECRET,
        "description": SECRET * 3_000,
    }
    lines = [str(row).replace("'", '"'), f'{{"{SECRET}', f'{{"email": "{SECRET}\\u00e9..x@example.com"}}']
    made = await an_import(demo, "\n".join(lines), format=ImportFormat.NDJSON)
    async with working(demo.database):
        job = await until_finished(demo, made)
    assert counts(job)["skipped"] == 3
    codes = {problem["code"] for problem in job["result"]["problems"]}
    assert codes >= {"INVALID_VALUE"}
    assert SECRET not in repr(await demo.find("jobs", {}))


async def test_what_an_import_has_of_persons_is_there_only_until_its_end(demo: Workspace) -> None:
    made = await an_import(demo, f"customId,firstName\n{SECRET},{SECRET}\n")
    assert SECRET in repr(await demo.find("jobs", {}))
    async with working(demo.database):
        await until_finished(demo, made)
    assert SECRET not in repr(await demo.find("jobs", {}))


async def test_problems_are_kept_up_to_their_limit(demo: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "MOST_PROBLEMS", 3)
    made = await an_import(demo, "x\n" * 5, format=ImportFormat.NDJSON)
    async with working(demo.database):
        job = await until_finished(demo, made)
    assert counts(job)["skipped"] == 5
    assert [problem["line"] for problem in job["result"]["problems"]] == [1, 2, 3]
    assert job["result"]["moreProblems"]


async def test_a_hint_begins_a_job_at_once(demo: Workspace, bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "POLL_SECONDS", 600.0)
    async with working(demo.database, bus):
        await asyncio.sleep(0.5)
        made = await an_import(demo, people(1))
        await bus.hint({JOBS: ""})
        assert (await until_finished(demo, made))["status"] == JobStatus.SUCCEEDED


async def test_without_a_bus_a_job_is_found_soon(demo: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.05)
    async with working(demo.database):
        await asyncio.sleep(0.2)
        made = await an_import(demo, people(1))
        assert (await until_finished(demo, made))["status"] == JobStatus.SUCCEEDED


async def until_begun(workspace: Workspace, job: JobDoc, *, rows: int = 3) -> JobDoc:
    async with asyncio.timeout(60):
        while (found := await seen(workspace, job))["done"] < rows:
            await asyncio.sleep(0.005)
    return found


async def test_a_worker_that_is_stopped_gives_its_job_back(demo: Workspace) -> None:
    made = await an_import(demo, people(200))
    async with working(demo.database):
        await until_begun(demo, made)
    job = await seen(demo, made)
    assert job["status"] == JobStatus.QUEUED
    assert 3 <= job["done"] < 200
    async with working(demo.database):
        job = await until_finished(demo, made)
    assert (job["fence"], counts(job)["created"]) == (2, 200)
    assert set((await names(demo)).values()) == {1}


async def test_a_gateway_that_is_stopped_gives_its_job_back(demo: Workspace, settings: Settings) -> None:
    made = await an_import(demo, people(400))
    async with listening(settings):
        await until_begun(demo, made)
    job = await seen(demo, made)
    assert job["status"] == JobStatus.QUEUED
    assert job["done"] < 400


async def test_a_gateway_without_workers_leaves_jobs_to_others(demo: Workspace, settings: Settings) -> None:
    made = await an_import(demo, people(1))
    async with listening(settings.model_copy(update={"workers": False})):
        await asyncio.sleep(1)
        assert (await seen(demo, made))["status"] == JobStatus.QUEUED


async def test_a_cancelled_import_stops(demo: Workspace) -> None:
    made = await an_import(demo, people(400))
    async with working(demo.database):
        await until_begun(demo, made)

        async def body(session: Any) -> None:
            await cancel_job(demo, made["_id"], now=datetime.now(UTC), session=session)

        await demo.database.transaction(body)
        stopped = await seen(demo, made)
        other = await an_import(demo, people(1))
        await until_finished(demo, other)
    assert await seen(demo, made) == stopped
    assert stopped["status"] == JobStatus.CANCELLED
    assert len(await names(demo)) == max(1, stopped["done"]) < 400


async def test_a_worker_that_hung_writes_no_row_after_it_was_replaced(
    demo: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds a row that was read long ago, which would undo what came after it."""
    made = await an_import(demo, "customId,firstName\nC-1,Ann\nC-1,Bob\nC-1,Eve\n")
    hanging, let_go = asyncio.Event(), asyncio.Event()
    real = running.import_row

    async def hang(workspace: Workspace, row: Any, **how: Any) -> Any:
        if row.line == 3 and not hanging.is_set():
            hanging.set()
            await let_go.wait()
        return await real(workspace, row, **how)

    monkeypatch.setattr(running, "import_row", hang)
    async with working(demo.database):
        await hanging.wait()
        await asyncio.sleep(0.1)
        async with working(demo.database, lease=timedelta(seconds=0.05)):
            job = await until_finished(demo, made)
        let_go.set()
        await until_finished(demo, await an_import(demo, people(1)))
    assert (job["fence"], counts(job)) == (2, {"created": 1, "updated": 2, "unchanged": 0, "skipped": 0})
    assert await seen(demo, made) == job
    (profile,) = await demo.find("profiles", {"identities.customId": "C-1"})
    assert [attribute["value"] for attribute in profile["attributes"]] == ["Eve"]


async def test_a_store_that_is_away_is_waited_for(demo: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a row whose answer was lost is done, the job says: each counts once."""
    made = await an_import(demo, people(20))
    real, calls = running.import_row, 0

    async def flaky(*given: Any, **how: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls % 5 == 0:
            await real(*given, **how)
        if calls % 5 in (0, 1):
            raise UnavailableError("The profile store does not answer; try again shortly.")
        return await real(*given, **how)

    monkeypatch.setattr(running, "import_row", flaky)
    monkeypatch.setattr(worker, "RETRY_SECONDS", 0.01)
    async with working(demo.database):
        job = await until_finished(demo, made)
    assert (job["status"], counts(job)["created"], job["done"]) == (JobStatus.SUCCEEDED, 20, 20)


async def test_what_breaks_fails_and_others_go_on(demo: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    real = running.import_row

    async def broken(workspace: Workspace, row: Any, **how: Any) -> Any:
        if row.line == 3:
            raise ValueError(SECRET)
        return await real(workspace, row, **how)

    monkeypatch.setattr(running, "import_row", broken)
    made, other = await an_import(demo, people(3)), await an_import(demo, people(1))
    async with working(demo.database):
        await until_finished(demo, other)
    job = await seen(demo, made)
    assert (job["status"], job["done"], job["error"]) == (JobStatus.FAILED, 1, worker.BROKEN)
    assert "content" not in (await demo.find("jobs", {"_id": made["_id"]}))[0]


async def test_a_job_that_ends_every_process_is_given_up(demo: Workspace) -> None:
    made = await an_import(demo, people(1))
    for _ in range(worker.MOST_TAKEOVERS + 1):
        await claim(demo.database, list(JobKind), lease=timedelta(0))
        await asyncio.sleep(0.005)
    async with working(demo.database, lease=timedelta(0)):
        job = await until_finished(demo, made)
    assert (job["status"], job["error"]) == (JobStatus.FAILED, worker.DEADLY)


async def test_a_killed_process_is_replaced_and_each_row_is_done_once(settings: Settings, tmp_path: Path) -> None:
    """The store starts again as well, since it would keep the transaction of the killed process open for a minute."""
    mongodb = await start_mongodb(tmp_path)
    database = Database.connect(mongodb.address, name=settings.mongodb_database, timeout=20)
    number, environment = 120, {"GATEWAY_MONGODB_DATABASE": settings.mongodb_database, "GATEWAY_JOB_LEASE_SECONDS": "2"}

    def start(name: str) -> Gateway:
        return Gateway(
            "work", tmp_path / name, tmp_path / f"{name}.log", GATEWAY_MONGODB_URI=mongodb.address, **environment
        )

    killed, other = start("killed"), None
    try:
        await setup.prepare(database)
        demo = await setup.prepare_workspace(database, "demo", name="Demo")
        again = "\n".join(f"C-{place},Bob\nC-{place},Ann" for place in range(number))
        made = await an_import(demo, f"{people(number)}\n{again}\n")
        await until_begun(demo, made, rows=number // 2)
        killed.process.send_signal(signal.SIGKILL)
        killed.process.wait()
        await discarded(mongodb)
        mongodb = await start_mongodb(tmp_path)
        await database.close()
        database = Database.connect(mongodb.address, name=settings.mongodb_database, timeout=20)
        demo = Workspace(database, "demo")
        left = await seen(demo, made)
        assert (left["status"], number // 2 <= left["done"] < 3 * number) == (JobStatus.RUNNING, True)
        other = start("other")
        job = await until_finished(demo, made)
        assert (job["status"], job["fence"]) == (JobStatus.SUCCEEDED, 2)
        assert counts(job) == {"created": number, "updated": 2 * number, "unchanged": 0, "skipped": 0}
        assert await names(demo) == {f"C-{place}": 1 for place in range(number)}
        assert {profile["version"] for profile in await demo.find("profiles", {})} == {3}
        assert (await verify(database)).verdicts == []
        assert other.stop(signal.SIGTERM) == 0
    finally:
        for process in (killed, other):
            if process is not None:
                process.process.kill()
                process.process.wait()
        await database.close()
        await discarded(mongodb)
