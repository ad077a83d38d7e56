"""The worker of columns: it closes what is far behind, in nobody's way, and answers never differ."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.concurrency.tasks import cancel
from gateway.workers import columns
from gateway.workers.columns import ColumnsWorker
from storage import setup
from storage.columns import cursors, reading, writing
from storage.past import following, tail
from storage.store.bus import Bus
from storage.store.ids import floor_id, time_id
from storage.store.mongo import CommandListener, Database
from storage.store.workspace import Workspace
from tests.support.columns import adding, agree, no_orphans, orphans, some
from tests.support.factories import a_profile
from tests.support.stores import Stores

LEASE = timedelta(seconds=30)
PATIENCE = 60.0


@pytest.fixture
async def demo(database: Database, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return a workspace of a database of its own, which workers look at all the time."""
    monkeypatch.setattr(columns, "POLL_SECONDS", 0.1)
    monkeypatch.setattr(columns, "GATHER_SECONDS", 0.02)
    workspace = await setup.prepare_workspace(database, "demo", name="Demo")
    await cursors.cursor_of(workspace, cursors.Purpose.FOLD, position=floor_id(await database.now()))
    return workspace


@asynccontextmanager
async def working(
    database: Database, bus: Bus | None = None, *, lease: timedelta = LEASE, workers: int = 1
) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(ColumnsWorker(database, bus, lease=lease).run()) for _ in range(workers)]
    try:
        yield
    finally:
        await cancel(*tasks)


def chance(seed: int = 1) -> random.Random:
    return random.Random(seed)  # noqa: S311 - not a secret


async def seq_folded(workspace: Workspace, profile: bytes) -> int:
    head = await workspace.find_one("heads", {"_id": profile})
    return head["seq"] if head else 0


async def until_folded(workspace: Workspace, profile: Any, *, most: int = following.MOST_MISSING) -> None:
    async with asyncio.timeout(PATIENCE):
        while await seq_folded(workspace, profile["_id"]) < profile["seq"] - most:
            await asyncio.sleep(0.02)


async def test_it_closes_long_gaps_and_leaves_short_ones(demo: Workspace) -> None:
    small = await a_profile(demo, events=some(chance(), 30))
    async with working(demo.database):
        large = await a_profile(demo, events=some(chance(), 1_500))
        await until_folded(demo, large, most=0)
        large = await adding(demo, large, some(chance(2), 20))
        await asyncio.sleep(0.5)
        assert await seq_folded(demo, large["_id"]) == large["seq"] - 20
        large = await adding(demo, large, some(chance(3), 20))
        await until_folded(demo, large, most=0)
    assert await seq_folded(demo, small["_id"]) == 0
    for profile in (small, large):
        await agree(demo, profile)
    await no_orphans(demo)


async def test_a_hint_wakes_it(demo: Workspace, bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "POLL_SECONDS", 3_600)
    async with working(demo.database, bus):
        await asyncio.sleep(0.5)
        profile = await a_profile(demo, events=some(chance(), 100))
        async with asyncio.timeout(PATIENCE):
            while not await seq_folded(demo, profile["_id"]):
                await bus.hint({f"workspace:{demo.id}": ""})
                await asyncio.sleep(0.1)


async def test_it_looks_back_for_what_was_committed_late(demo: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "OVERLAP", timedelta(seconds=2))
    began = datetime.now(UTC)
    await asyncio.sleep(0.2)
    first = await a_profile(demo, events=some(chance(), 100))
    async with working(demo.database):
        await until_folded(demo, first, most=0)
        # Entries as a transaction leaves them that began before those that were read, and was committed later.
        late = await a_profile(demo, events=some(chance(), 100))
        entries = await demo.find("journal", {"profile": late["_id"]})
        await demo.database.delete("journal", {"profile": late["_id"]})
        moved = [{**entry, "arrival": floor_id(began)[:6] + entry["arrival"][6:]} for entry in entries]
        await demo.database.insert("journal", moved)
        await demo.database.delete("heads", {"profile": late["_id"]})
        await until_folded(demo, late, most=0)


async def test_it_goes_on_from_where_another_was(demo: Workspace) -> None:
    profile = await a_profile(demo, events=some(chance(), 100))
    async with working(demo.database):
        await until_folded(demo, profile)
    profile = await adding(demo, profile, some(chance(2), 100))
    async with working(demo.database):
        await until_folded(demo, profile, most=0)
    await agree(demo, profile)


async def test_several_share_a_profile_that_is_read_and_written(demo: Workspace) -> None:
    profile = await a_profile(demo, events=some(chance(), 50))
    async with working(demo.database, workers=3, lease=timedelta(milliseconds=1)):
        for seed in range(12):
            profile = await adding(demo, profile, some(chance(seed), chance(seed).choice((5, 70, 700))))
            await agree(demo, profile)
        await until_folded(demo, profile)
    await agree(demo, profile)
    await no_orphans(demo)


async def test_a_lease_may_run_out_while_its_owner_sleeps(demo: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    slept, woke = asyncio.Event(), asyncio.Event()
    write_back = reading.write_back

    async def sleepy(*given: Any) -> Any:
        if not slept.is_set():
            slept.set()
            await woke.wait()
        return await write_back(*given)

    monkeypatch.setattr(reading, "write_back", sleepy)
    profile = await a_profile(demo, events=some(chance(), 1_200))
    lease = timedelta(milliseconds=100)
    async with working(demo.database, lease=lease):
        await slept.wait()
        async with working(demo.database, lease=lease):
            await until_folded(demo, profile, most=0)
            profile = await adding(demo, profile, some(chance(2), 1_200))
            await until_folded(demo, profile, most=0)
        cursor = await cursors.cursor_of(demo, cursors.Purpose.FOLD, position=b"")
        woke.set()
        await asyncio.sleep(0.5)
        async with asyncio.timeout(PATIENCE):
            while await orphans(demo):  # until who slept has taken away what it wrote in vain
                await asyncio.sleep(0.05)
    later = await cursors.cursor_of(demo, cursors.Purpose.FOLD, position=b"")
    assert later["fence"] >= cursor["fence"] >= 2
    assert later["position"] >= cursor["position"]
    assert await seq_folded(demo, profile["_id"]) == profile["seq"]
    await agree(demo, profile)
    await no_orphans(demo)


STEPS = {
    "journal read": (reading, "events_between"),
    "leaves read": (reading, "read_blocks"),
    "leaves and head written": (reading, "write_back"),
    "leaves written": (writing, "insert_leaves"),
    "dropped leaves deleted": (writing, "delete_leaves"),
    "head replaced": (writing, "replace_head"),
    "gaps told": (columns, "gaps"),
    "cursor written": (columns, "move"),
    "cursor given back": (columns, "give_back"),
}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", STEPS)
async def test_a_fault_at_any_step_changes_no_answer(
    demo: Workspace, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    module, name = STEPS[step]
    real, left = getattr(module, name), iter(range(2))
    died = asyncio.Event()

    async def deadly(*given: Any, **named: Any) -> Any:
        """Die before or after the step, as a process that is killed, twice."""
        result = await real(*given, **named) if after else None
        if next(left, None) is not None:
            died.set()
            raise asyncio.CancelledError
        return result if after else await real(*given, **named)

    profile = await a_profile(demo, events=some(chance(), 1_200))
    with monkeypatch.context() as patch:
        patch.setattr(module, name, deadly)
        for _ in range(2):
            died.clear()
            profile = await adding(demo, profile, some(chance(3), 40))
            async with working(demo.database, lease=timedelta(milliseconds=50)):
                await asyncio.wait_for(died.wait(), PATIENCE)
    await agree(demo, profile)
    async with working(demo.database, lease=timedelta(milliseconds=50)):
        profile = await adding(demo, profile, some(chance(4), 40))
        await until_folded(demo, profile)
        await agree(demo, profile)
        monkeypatch.setattr(columns, "SWEEP_EVERY", timedelta())
        monkeypatch.setattr(columns, "ORPHAN_AGE", timedelta())
        async with asyncio.timeout(PATIENCE):
            while await orphans(demo):
                await asyncio.sleep(0.05)
    await agree(demo, profile)


async def test_leaves_that_no_head_names_are_swept_when_they_are_old(
    demo: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "SWEEP_EVERY", timedelta())
    monkeypatch.setattr(following, "PAGE", 2)
    profile = await a_profile(demo, events=some(chance(), 5_000))
    await agree(demo, profile)
    now = datetime.now(UTC)
    old, new = [[time_id(now - timedelta(minutes=age)) for _ in range(3)] for age in (61, 50)]
    leaf = {"workspace": demo.id, "profile": bytes(16), "columns": {}}
    await demo.database.insert("leaves", [{"_id": id, **leaf} for id in (*old, *new)])
    async with working(demo.database), asyncio.timeout(PATIENCE):
        while set(await orphans(demo)) != set(new):
            await asyncio.sleep(0.05)
    await agree(demo, profile)


class Counter(CommandListener):
    """The commands that were sent, and the collections that they are of."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def started(self, event: Any) -> None:
        self.sent.append((event.command_name, str(event.command[event.command_name])))

    def succeeded(self, event: Any) -> None: ...

    def failed(self, event: Any) -> None: ...


async def test_an_edit_writes_nothing_for_columns(demo: Workspace, stores: Stores, database_name: str) -> None:
    profile = await a_profile(demo, events=some(chance(), 100))
    await agree(demo, profile)
    counter = Counter()
    database = Database.connect(stores.mongodb_uri, name=database_name, timeout=10, listeners=[counter])
    try:
        await adding(Workspace(database, demo.id), profile, some(chance(2), 1))
    finally:
        await database.close()
    commands = [name for name, _ in counter.sent if name in {"find", "insert", "update", "delete", "commitTransaction"}]
    assert sorted(commands) == ["commitTransaction", "find", "find", "insert", "update"]
    touched = {collection for _, collection in counter.sent}
    assert not touched & {"heads", "leaves", "cursors"}
