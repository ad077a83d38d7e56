"""`profile-gateway columns rebuild` as an operator types it, stopped and killed."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.columns import app
from gateway.errors import OperatorError
from gateway.settings import Settings
from resolvers import rebuilding
from resolvers.rebuilding import rebuild_columns
from resolvers.verification import verify
from storage.setup import prepare_workspace
from storage.store.leases import LostLeaseError
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from tests.support.columns import agree, no_orphans
from tests.support.factories import a_profile

PATIENCE = 60.0


@pytest.fixture
async def demo(database: Database) -> Workspace:
    return await prepare_workspace(database, "demo", name="Demo")


def environment(settings: Settings) -> Mapping[str, str]:
    assert settings.mongodb_uri is not None
    return {
        "GATEWAY_MONGODB_URI": settings.mongodb_uri.get_secret_value(),
        "GATEWAY_MONGODB_DATABASE": settings.mongodb_database,
    }


async def rebuild(settings: Settings, *arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, ["rebuild", *arguments], env=environment(settings))


async def heads(workspace: Workspace) -> dict[bytes, Any]:
    return {head["_id"]: head for head in await workspace.find("heads", {})}


async def test_columns_are_made_anew(settings: Settings, demo: Workspace) -> None:
    large, small = await a_profile(demo, events=1_200), await a_profile(demo, events=20)
    await agree(demo, large)
    await demo.database.update("heads", {"_id": large["_id"]}, {"$set": {"open.ids": b"", "open.actions": []}})
    result = await rebuild(settings, "-w", "demo")
    assert (result.exit_code, result.stdout) == (0, "The columns of 2 profiles are as their journals say.\n")
    assert (await verify(demo.database)).verdicts == []
    assert {id: head["seq"] for id, head in (await heads(demo)).items()} == {large["_id"]: large["seq"]}
    await agree(demo, small)
    await no_orphans(demo)
    assert await demo.find("cursors", {}) == []
    assert (await rebuild(settings)).exit_code == 0


async def test_an_unknown_workspace_is_told(settings: Settings, demo: Workspace) -> None:
    result = await rebuild(settings, "--workspace", f"no{demo.id}")
    assert isinstance(result.exception, OperatorError)


async def test_it_goes_on_where_it_was_stopped(demo: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was stopped for a while finds that another has taken over, and writes nothing more."""
    for _ in range(4):
        await agree(demo, await a_profile(demo, events=70))
    before, real = await heads(demo), rebuilding.rebuild
    second, go_on = asyncio.Event(), asyncio.Event()
    calls = 0

    async def sleepy(*given: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            second.set()
            await go_on.wait()
        await real(*given)

    monkeypatch.setattr(rebuilding, "rebuild", sleepy)
    first = asyncio.create_task(rebuild_columns(demo, report=lambda _: None))
    await asyncio.wait_for(second.wait(), PATIENCE)
    seen: list[int] = []
    await rebuild_columns(demo, report=seen.append)
    go_on.set()
    with pytest.raises(LostLeaseError):
        await first
    assert (seen[0], seen[-1], calls) == (1, 4, 5)
    assert sorted(head["gen"] - before[id]["gen"] for id, head in (await heads(demo)).items()) == [1, 1, 1, 2]
    assert (await verify(demo.database)).verdicts == []


async def test_it_may_be_killed_at_any_time(settings: Settings, demo: Workspace, tmp_path: Path) -> None:
    profiles = [await a_profile(demo, events=1_100) for _ in range(3)]
    command = [sys.executable, "-m", "gateway.cli.main", "columns", "rebuild", "-w", "demo"]

    def start() -> subprocess.Popen[bytes]:
        with (tmp_path / "log").open("ab") as log:
            return subprocess.Popen(command, env=os.environ | environment(settings), stderr=log, stdout=log)

    for number in range(len(profiles)):
        process = start()
        try:
            async with asyncio.timeout(PATIENCE):
                while process.poll() is None and len(await heads(demo)) <= number:
                    await asyncio.sleep(0.005)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        await demo.database.command({"killAllSessions": []})
        for profile in profiles:
            await agree(demo, profile)
    process = start()
    assert await asyncio.to_thread(process.wait, PATIENCE) == 0, (tmp_path / "log").read_text()
    assert [verdict for verdict in (await verify(demo.database)).verdicts if verdict.findings] == []
