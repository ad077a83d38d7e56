"""Crashes: gateways and stores are killed under edits and ingestion, and the end is that of a run without faults."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path

import pytest

from bench.harness.gateways import Gateway
from resolvers.verification import verify
from storage.api_keys import create_key
from storage.credentials import Scope
from storage.journal import EntryKind
from storage.past.history import public_field
from storage.profiles import NOUN
from storage.setup import prepare_workspace
from storage.store.ids import to_public
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from storage.write.working_copy import Edit
from tests.support.crashes.machine import Machine, running
from tests.support.crashes.pictures import pictures
from tests.support.crashes.script import INGESTION, MUTATIONS, an_email, known_uuid
from tests.support.crashes.streams import Stream, Target
from tests.support.factories import CREATED, a_profile
from tests.support.stores import Stores

PROFILES = 4
# So many turns each writer has before a process is killed: all the profiles, and one of them once more.
TURNS = dict.fromkeys(MUTATIONS, PROFILES + 1) | {INGESTION: 1}
# Longer than the minute for which a store keeps what a killed gateway had open.
PATIENCE = 110.0


@pytest.fixture
def gateways() -> Iterator[list[Gateway]]:
    """Collect what a test starts, and see that it is dead afterwards, whatever happens."""
    started: list[Gateway] = []
    yield started
    for gateway in started:
        gateway.process.kill()
        gateway.process.wait()


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    number: int = request.config.getoption("--crash-rounds")
    return number


@pytest.fixture
async def machine(stores: Stores, tmp_path: Path, gateways: list[Gateway], rounds: int) -> AsyncIterator[Machine]:
    """Return a machine with stores of its own; only in a long run there is time to wait for what nobody ends."""
    async with running(tmp_path, stores.redis_url, gateways, patient=rounds > 1) as machine:
        yield machine


async def prepared(database: Database, name: str, *, profiles: int) -> tuple[Workspace, Target]:
    """Return a new workspace with the profiles of known persons, and what a stream needs to write to them."""
    workspace = await prepare_workspace(database, name, name=name.title())
    token, _ = await create_key(database, name, name="Tests", scopes=list(Scope))

    async def a_known_profile(uuid: str) -> str:
        def see(edit: Edit) -> None:
            seen = {"firstSeenAt": CREATED, "lastSeenAt": CREATED}
            edit.add_uuid({"value": uuid, "platform": None, "formFactor": None, **seen})  # type: ignore[typeddict-item]

        return to_public(NOUN.prefix, (await a_profile(workspace, email=an_email(uuid), change=see))["_id"])

    return workspace, Target(token, [await a_known_profile(known_uuid(number)) for number in range(profiles)])


async def outlast(stream: Stream, lose: Callable[[], Awaitable[None]]) -> None:
    """Lose a process at some moment while all write, and let what is in flight end once it is there again."""
    recovered = asyncio.Event()
    goals = stream.turns() + Counter(TURNS)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        tasks.create_task(stream.run(lambda writer: recovered.is_set() and not writer.tries))
        while not stream.turns() >= goals:
            await asyncio.sleep(0.01)
        await asyncio.sleep(random.uniform(0, 0.5))  # noqa: S311
        await lose()
        recovered.set()


async def reach(stream: Stream, turns: Mapping[str, int]) -> None:
    """Let each writer write up to its number of turns."""
    async with asyncio.timeout(PATIENCE):
        await stream.run(lambda writer: len(writer.acknowledged) == turns[writer.kind])


async def check(workspace: Workspace, *streams: Stream) -> None:
    """Assert that the journal has each acknowledged write once, whole, and nothing else; and that all agrees."""
    numbers: defaultdict[bytes, list[int]] = defaultdict(list)
    written: defaultdict[str, list[str]] = defaultdict(list)
    events: list[str] = []
    for entry in await workspace.find("journal", {}):
        numbers[entry["profile"]].append(entry["seq"])
        if entry["kind"] == EntryKind.EVENT:
            events.append(entry["uuid"])
        elif on_behalf_of := entry["actor"].get("onBehalfOf"):
            written[on_behalf_of] += [public_field(change["field"]) for change in entry["changes"]]
    acknowledged = {key: fields for stream in streams for key, fields in stream.written().items() if fields}
    assert {key: sorted(fields) for key, fields in written.items()} == acknowledged
    assert sorted(events) == sorted(uuid for stream in streams for uuid in stream.ingested())
    ends = {profile["_id"]: profile["seq"] for profile in await workspace.find("profiles", {})}
    assert {id: sorted(of) for id, of in numbers.items()} == {id: [*range(1, end + 1)] for id, end in ends.items()}
    verified = await verify(workspace.database, workspace.id)
    assert (verified.profiles, verified.verdicts) == (len(ends), [])


async def test_killed_processes_lose_nothing(machine: Machine, rounds: int) -> None:
    """Two workspaces get the same writes. In one of them processes are killed meanwhile; nobody can tell in which."""
    workspace, target = await prepared(machine.database, "stormy", profiles=PROFILES)
    calm_workspace, calm_target = await prepared(machine.database, "calm", profiles=PROFILES)
    stream, calm = (Stream("one", machine.address, to) for to in (target, calm_target))
    for _ in range(rounds):
        for lose in (machine.lose_gateway, machine.lose_store):
            await outlast(stream, lose)
            await check(workspace, stream)
            await reach(calm, stream.turns())
            assert await pictures(workspace) == await pictures(calm_workspace)


async def test_two_gateways_edit_the_same_profiles(
    stores: Stores, tmp_path: Path, gateways: list[Gateway], database: Database, database_name: str, rounds: int
) -> None:
    """Both get 21 edits a round and events of the same persons; none is lost or doubled."""
    workspace, target = await prepared(database, "demo", profiles=20)
    environment = {
        "GATEWAY_MONGODB_URI": stores.mongodb_uri,
        "GATEWAY_MONGODB_DATABASE": database_name,
        "GATEWAY_REDIS_URL": stores.redis_url,
    }
    names = ("one", "two")
    gateways += [Gateway("serve", tmp_path / name, tmp_path / f"{name}.log", **environment) for name in names]
    addresses = [await asyncio.to_thread(gateway.wait_until_ready) for gateway in gateways]
    streams = [Stream(name, address, target) for name, address in zip(names, addresses, strict=True)]
    turns = dict.fromkeys(MUTATIONS, 3 * rounds) | {INGESTION: rounds}
    await asyncio.gather(*(reach(stream, turns) for stream in streams))
    await check(workspace, *streams)
