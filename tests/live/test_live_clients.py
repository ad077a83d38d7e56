"""Feeds as the client libraries of other people see them, on a network that breaks off."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from gateway.settings import Settings
from storage.profiles import ProfileDoc
from storage.sources import ChangeSource
from storage.store.bus import Bus
from storage.store.workspace import Workspace
from storage.write.edits import edit
from storage.write.working_copy import Edit
from tests.support.factories import TESTER, a_profile, an_event
from tests.support.installed_clients import node_clients, python_clients
from tests.support.live.gateways import LiveGateway, id_of, live_gateway, reader_key, visit
from tests.support.live.programs import Program, running
from tests.support.live.relay import relaying
from tests.support.stores import Stores

WRITE_PAUSE = 0.01
ONLINE_SECONDS = 1.0
SOME = 5


def node(script: str) -> Callable[[], Sequence[str]]:
    return lambda: ("node", str(node_clients() / "live" / script))


def python(script: str) -> Callable[[], Sequence[str]]:
    return lambda: (str(python_clients()), str(Path(__file__).parents[1] / "clients" / "live" / script))


CLIENTS: dict[str, tuple[Callable[[], Sequence[str]], dict[str, str]]] = {
    "graphql-ws": (node("graphql-ws.mjs"), {}),
    "graphql-sse": (node("graphql-sse.mjs"), {}),
    "event-source": (node("event-source.mjs"), {}),
    "apollo": (node("apollo.mjs"), {}),
    "urql-ws": (node("urql.mjs"), {"OVER": "ws"}),
    "urql-sse": (node("urql.mjs"), {"OVER": "sse"}),
    "gql": (python("gql_client.py"), {}),
}


@pytest.fixture(scope="module")
async def gateway(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LiveGateway]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("live"),
        mongodb_uri=SecretStr(stores.mongodb_uri),
        mongodb_database="shared",
        redis_url=SecretStr(stores.redis_url),
        online_window=ONLINE_SECONDS,
    )
    async with live_gateway(settings) as gateway:
        yield gateway


class Seen:
    """What a program of tests/clients/live says that it saw."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def told(self, key: str) -> list[Any]:
        return [told[key] for told in map(json.loads, self._program.lines) if key in told]

    @property
    def pages(self) -> list[int]:
        """The pages that were shown at first, and those that came since."""
        return [*(self.told("shown") or [[]])[0], *(page for page in self.told("page") if page is not None)]

    @property
    def presence(self) -> list[bool]:
        """Whether somebody was there, each time that it became different."""
        return [online for online, _ in groupby(self.told("online"))]

    @property
    def changes(self) -> list[dict[str, Any]]:
        return [told for told in map(json.loads, self._program.lines) if "version" in told]


@asynccontextmanager
async def busy(workspace: Workspace, bus: Bus, profile: ProfileDoc, written: list[int]) -> AsyncIterator[None]:
    """Write one page after the other while the block runs, and add each to `written`."""
    over = asyncio.Event()

    async def write() -> None:
        while not over.is_set():
            await visit(workspace, bus, profile, [len(written)])
            written.append(len(written))
            await asyncio.sleep(WRITE_PAUSE)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(write())
        yield
        over.set()


async def tag(workspace: Workspace, bus: Bus, profile: ProfileDoc, name: str) -> None:
    def change(working: Edit) -> None:
        working.add_tag(name, source=ChangeSource.API)

    await edit(workspace, profile["_id"], change, actor=TESTER, bus=bus)


async def connected(program: Program, seen: Seen, *, times: int) -> None:
    """Wait until both feeds were subscribed to so often, and the last time some pages came."""
    pages = len(seen.told("page")) + SOME

    def is_so() -> bool:
        snapshots = seen.told("changed").count([])
        return (snapshots, len(seen.told("ended"))) == (times, 2 * times - 2) and len(seen.told("page")) >= pages

    await program.until(is_so)


@pytest.mark.parametrize("client", CLIENTS)
async def test_nothing_is_missed_and_nothing_comes_twice(
    client: str, gateway: LiveGateway, workspace: Workspace, bus: Bus
) -> None:  # X1
    command, environment = CLIENTS[client]
    profile = await a_profile(workspace, events=3)
    token, _ = await reader_key(workspace)
    given = environment | {"KEY": token, "PROFILE": id_of(profile)}
    written = [0, 1, 2]
    async with (
        relaying(gateway.address) as relay,
        running(command(), URL=f"{relay.address}/graphql", **given) as program,
    ):
        seen = Seen(program)
        async with busy(workspace, bus, profile, written):
            await connected(program, seen, times=1)
            for times in (2, 3):
                relay.cut()
                await connected(program, seen, times=times)
        await tag(workspace, bus, profile, "vip")
        await program.until(lambda: len(seen.pages) == len(written) and seen.changes[-1]["tags"])

        program.say("leave")
        await gateway.until_nobody_follows()
        await visit(workspace, bus, profile, [len(written)])
        program.say("show")
        await program.until(lambda: len(seen.told("shown")) == 2)
        assert await program.end() == 0, program.errors
    assert seen.pages == written
    assert seen.told("shown")[-1][-1] == len(written)
    assert_each_change_is_newer(seen.changes)


def assert_each_change_is_newer(changes: list[dict[str, Any]]) -> None:
    assert changes[0]["changed"] == []
    assert all(earlier["version"] <= later["version"] for earlier, later in pairwise(changes))
    assert changes[-1]["version"] > changes[0]["version"]
    assert "tags.vip" in changes[-1]["changed"]


@pytest.mark.parametrize("client", ["graphql-ws", "graphql-sse"])
async def test_a_workspace_is_followed_and_who_is_there(
    client: str, gateway: LiveGateway, workspace: Workspace, bus: Bus
) -> None:  # X1, R37
    """The visits are of long ago, so they make nobody present; once the network is well, somebody comes and goes."""
    command, environment = CLIENTS[client]
    profile = await a_profile(workspace)
    token, _ = await reader_key(workspace)
    given = environment | {"KEY": token, "PROFILE": id_of(profile), "FEEDS": "workspace"}
    written: list[int] = []
    async with (
        relaying(gateway.address) as relay,
        running(command(), URL=f"{relay.address}/graphql", **given) as program,
    ):
        seen = Seen(program)
        async with busy(workspace, bus, profile, written):
            await both_followed(program, seen, times=1)
            for times in (2, 3):
                relay.cut()
                await both_followed(program, seen, times=times)
        await program.until(lambda: set(seen.told("page")) == set(range(min(seen.told("page")), len(written))))
        assert seen.presence == [False]

        now = an_event(at=datetime.now(UTC), page=len(written))
        await edit(workspace, profile["_id"], lambda it: it.add_event(now) and None, actor=TESTER, bus=bus)
        await program.until(lambda: len(seen.presence) == 3 and max(seen.told("page")) == len(written))
        program.say("leave")
        await gateway.until_nobody_follows()
        assert await program.end() == 0, program.errors
    assert seen.presence == [False, True, False]
    assert set(seen.told("of")) == {id_of(profile)}
    assert len(seen.told("page")) == len(set(seen.told("page")))


async def both_followed(program: Program, seen: Seen, *, times: int) -> None:
    """Wait until both feeds tell something by the stream of that number."""
    await program.until(lambda: seen.told("pageStream")[-1:] == seen.told("presenceStream")[-1:] == [times])
