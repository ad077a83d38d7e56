"""Workers of columns that are killed, stopped and woken while events come: no answer is another one."""

import asyncio
import random
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bench.harness.gateways import Gateway
from gateway.concurrency.tasks import cancel
from gateway.workers import columns
from gateway.workers.columns import ColumnsWorker
from resolvers.verification import verify
from storage.setup import prepare_workspace
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from tests.support.columns import adding, agree, orphans, some
from tests.support.factories import a_profile
from tests.support.stores import Stores

PATIENCE = 90.0
KINDS = ("work", "serve")


@pytest.fixture
def processes() -> Iterator[list[Gateway]]:
    """Collect what a test starts, and see that it is dead afterwards, whatever happens."""
    started: list[Gateway] = []
    yield started
    for each in started:
        each.process.kill()
        each.process.wait()


async def test_killed_and_stopped_workers_change_no_answer(
    stores: Stores,
    database: Database,
    database_name: str,
    processes: list[Gateway],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    chance = random.Random()  # noqa: S311 - when to kill
    demo = await prepare_workspace(database, "demo", name="Demo")
    environment = {
        "GATEWAY_MONGODB_URI": stores.mongodb_uri,
        "GATEWAY_MONGODB_DATABASE": database_name,
        "GATEWAY_REDIS_URL": stores.redis_url,
        "GATEWAY_JOB_LEASE_SECONDS": "1",
    }

    def start(kind: str) -> Gateway:
        name = f"{kind}-{len(processes)}"
        processes.append(Gateway(kind, tmp_path / name, tmp_path / f"{name}.log", **environment))
        return processes[-1]

    running = {kind: start(kind) for kind in KINDS}
    profiles = [await a_profile(demo, events=some(chance, 1_100)) for _ in range(2)]
    for _ in range(request.config.getoption("--crash-rounds")):
        for kind in KINDS:
            other = running[KINDS[kind == KINDS[0]]].process
            for place, profile in enumerate(profiles):
                profiles[place] = await adding(demo, profile, some(chance, 150))
            await asyncio.sleep(chance.uniform(0.5, 4))
            other.send_signal(signal.SIGSTOP)
            running[kind].process.kill()
            running[kind].process.wait()
            await database.command({"killAllSessions": []})
            running[kind] = start(kind)
            for place, profile in enumerate(profiles):
                profiles[place] = await adding(demo, profile, some(chance, 60))
                await agree(demo, profiles[place])
            await asyncio.sleep(1.5)
            other.send_signal(signal.SIGCONT)
            for profile in profiles:
                await agree(demo, profile)
    for process in processes:
        process.process.kill()
        process.process.wait()
    await database.command({"killAllSessions": []})
    for profile in profiles:
        await agree(demo, profile)
    monkeypatch.setattr(columns, "SWEEP_EVERY", timedelta())
    monkeypatch.setattr(columns, "ORPHAN_AGE", timedelta())
    await until_swept(demo)
    assert (await verify(database)).verdicts == []


async def until_swept(demo: Workspace) -> None:
    sweeping = asyncio.create_task(ColumnsWorker(demo.database, None, lease=timedelta(milliseconds=50)).run())
    try:
        async with asyncio.timeout(PATIENCE):
            while await orphans(demo):
                await asyncio.sleep(0.1)
    finally:
        await cancel(sweeping)
