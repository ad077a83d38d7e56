"""Crashes: gateways and stores are killed under a stream of edits, and nothing that was acknowledged is lost."""

import asyncio
import os
import random
import signal
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.embedded.mongodb import start_mongodb
from gateway.embedded.store import Store
from resolvers.verification import verify
from storage.api_keys import create_key
from storage.credentials import Scope
from storage.ids import to_public
from storage.mongo import Database
from storage.setup import prepare, prepare_workspace
from storage.workspace import Workspace
from tests.conftest import Stores
from tests.factories import a_profile
from tests.gateway.processes import Gateway

CLIENTS = 6
PROFILES = 40
DATABASE = "crashes"
# The stand-in for MongoDB keeps the transaction of a killed process open for a minute.
PATIENCE = 90.0
NOTE_ADD = """mutation ($input: NoteAddInput!) { noteAdd(input: $input) {
  note { id title text } userErrors { code } } }"""


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit as a client sends it, and sends it again: the same note to the same profile under the same key."""

    profile: bytes
    key: str

    @property
    def input(self) -> dict[str, str]:
        id = to_public("prf", self.profile)
        return {"profileId": id, "title": self.key, "text": f"for {id}", "idempotencyKey": self.key}


@dataclass(slots=True)
class Stream:
    """Clients that edit at once: what was acknowledged, by edit, and what nobody knows about yet."""

    address: str
    token: str
    profiles: list[bytes]
    acknowledged: dict[Edit, str] = field(default_factory=dict)
    unknown: set[Edit] = field(default_factory=set)

    async def send(self, client: httpx.AsyncClient, edit: Edit) -> bool:
        """Send an edit, and tell whether there was an answer; its only fault may be that a store gave none."""
        self.unknown.add(edit)
        body = {"query": NOTE_ADD, "variables": {"input": edit.input}}
        try:
            response = await client.post(
                f"{self.address}/graphql", json=body, headers={"Authorization": f"Bearer {self.token}"}
            )
        except httpx.TransportError:
            return False
        answer: dict[str, Any] = response.json()
        if "errors" in answer:
            assert {error["extensions"]["code"] for error in answer["errors"]} <= {"UNAVAILABLE", "OPERATION_TIMEOUT"}
            return True
        note = answer["data"]["noteAdd"]["note"]
        assert (note["title"], note["text"]) == (edit.input["title"], edit.input["text"])
        assert self.acknowledged.setdefault(edit, note["id"]) == note["id"]
        self.unknown.discard(edit)
        return True

    async def edit_until(self, stopped: asyncio.Event) -> None:
        """Send new edits, several at once, until told to stop or nobody is there."""

        async def one(client: httpx.AsyncClient) -> None:
            answered = True
            while answered and not stopped.is_set():
                answered = await self.send(client, Edit(random.choice(self.profiles), uuid.uuid4().hex))  # noqa: S311

        async with httpx.AsyncClient(timeout=30) as client:
            await asyncio.gather(*(one(client) for _ in range(CLIENTS)))

    async def retry(self) -> None:
        """Send what nobody knows about once more."""
        async with httpx.AsyncClient(timeout=30) as client:
            await asyncio.gather(*(self.send(client, edit) for edit in [*self.unknown]))

    async def settle(self) -> None:
        """Send it until every edit is acknowledged."""
        async with asyncio.timeout(PATIENCE):
            while self.unknown:
                await self.retry()

    async def check(self, workspace: Workspace) -> None:
        """Assert that each acknowledged note is there once, any other is an edit's in flight, and everything agrees."""
        notes = await workspace.find("notes", {})
        stored = {Edit(note["profile"], note["title"]): to_public("nte", note["_id"]) for note in notes}
        assert len(stored) == len(notes)
        assert {edit: id for edit, id in stored.items() if edit not in self.unknown} == self.acknowledged
        done = await verify(workspace.database, workspace.id)
        assert (done.profiles, done.verdicts) == (len(self.profiles), [])


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


@dataclass(slots=True)
class Machine:
    """A machine that can lose its gateway or its store, and starts them again on what they left."""

    directory: Path
    redis_url: str
    gateways: list[Gateway]
    mongodb: Store

    async def start_gateway(self) -> str:
        number = len(self.gateways)
        gateway = Gateway(
            "serve",
            self.directory / f"gateway-{number}",
            self.directory / f"{number}.log",
            GATEWAY_MONGODB_URI=self.mongodb.address,
            GATEWAY_MONGODB_DATABASE=DATABASE,
            GATEWAY_REDIS_URL=self.redis_url,
            GATEWAY_OPERATION_TIMEOUT="3",
        )
        self.gateways.append(gateway)
        return await asyncio.to_thread(gateway.wait_until_ready)

    async def lose_gateway(self) -> None:
        await asyncio.to_thread(self.gateways[-1].stop, signal.SIGKILL)

    async def lose_store(self) -> None:
        os.kill(self.mongodb.pid, signal.SIGKILL)
        await self.mongodb.stop()

    async def start_store(self) -> None:
        address = self.mongodb.address
        self.mongodb = await start_mongodb(self.directory)
        assert self.mongodb.address == address


@pytest.fixture
async def machine(stores: Stores, tmp_path: Path, gateways: list[Gateway]) -> AsyncIterator[Machine]:
    machine = Machine(tmp_path, stores.redis_url, gateways, await start_mongodb(tmp_path))
    try:
        yield machine
    finally:
        await machine.mongodb.stop()


async def prepared(database: Database, profiles: int) -> tuple[Workspace, Stream]:
    """Return a workspace with profiles, and a stream of edits of them that has no address yet."""
    await prepare(database)
    workspace = await prepare_workspace(database, "demo", name="Demo")
    token, _ = await create_key(database, "demo", name="Tests", scopes=list(Scope))
    ids = [(await a_profile(workspace))["_id"] for _ in range(profiles)]
    return workspace, Stream("", token, ids)


async def under_load(stream: Stream, lose: Callable[[], Awaitable[None]]) -> None:
    """Lose a process at some moment while clients edit."""
    before = len(stream.acknowledged)
    stopped = asyncio.Event()
    editing = asyncio.create_task(stream.edit_until(stopped))
    try:
        async with asyncio.timeout(PATIENCE):
            while len(stream.acknowledged) < before + CLIENTS:
                assert not editing.done()
                await asyncio.sleep(0.01)
        await asyncio.sleep(random.uniform(0, 0.5))  # noqa: S311
        await lose()
    finally:
        stopped.set()
        await editing


async def test_killed_gateways_and_stores_lose_nothing(machine: Machine, rounds: int) -> None:
    """Each round kills the gateway, retries, then kills the store, and retries until everything is acknowledged.

    What a killed gateway had open blocks its profiles until the store gives it up; the store's own end does as well.
    """
    database = Database.connect(machine.mongodb.address, name=DATABASE, timeout=20)
    try:
        workspace, stream = await prepared(database, PROFILES)
        stream.address = await machine.start_gateway()
        for _ in range(rounds):
            await under_load(stream, machine.lose_gateway)
            stream.address = await machine.start_gateway()
            await stream.retry()
            await stream.check(workspace)

            await under_load(stream, machine.lose_store)
            await machine.start_store()
            await stream.settle()
            await stream.check(workspace)
            assert not stream.unknown
    finally:
        await database.close()


async def test_two_gateways_edit_the_same_profiles(
    stores: Stores, tmp_path: Path, gateways: list[Gateway], database: Database, database_name: str, rounds: int
) -> None:
    """Clients of both send as many edits as the profiles get on average two of, a round; none is lost or doubled."""
    workspace, stream = await prepared(database, 20)
    environment = {
        "GATEWAY_MONGODB_URI": stores.mongodb_uri,
        "GATEWAY_MONGODB_DATABASE": database_name,
        "GATEWAY_REDIS_URL": stores.redis_url,
    }
    gateways += [Gateway("serve", tmp_path / name, tmp_path / f"{name}.log", **environment) for name in ("one", "two")]
    addresses = [await asyncio.to_thread(gateway.wait_until_ready) for gateway in gateways]
    streams = [replace(stream, address=address, acknowledged={}, unknown=set()) for address in addresses]
    edits = [Edit(profile, uuid.uuid4().hex) for _ in range(rounds) for profile in stream.profiles for _ in streams]
    async with httpx.AsyncClient(timeout=60) as client:
        await asyncio.gather(*(streams[number % 2].send(client, edit) for number, edit in enumerate(edits)))
    for sent in streams:
        await sent.settle()
        stream.acknowledged |= sent.acknowledged
    assert len(stream.acknowledged) == len(edits)
    await stream.check(workspace)
