"""The programs of docs/feeds.md, as they are on the page, keep a feed alive through what the page tells of."""

import json
import re
import subprocess
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from pathlib import Path

import pytest

from bench.harness.feed_clients import over_sse
from bench.harness.processes import pause, proceed
from bench.harness.waiting import until
from gateway.settings import Settings
from resolvers.feeds.cursors import profile_cursor
from storage.api_keys import revoke_key
from storage.journal import EntryKind
from storage.profiles import ProfileDoc
from storage.rules import LONGEST_LINE
from storage.store.bus import Bus
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.write.edits import edit
from storage.write.working_copy import Edit
from tests.support.factories import TESTER, a_profile, an_event
from tests.support.installed_clients import ROOT, node_clients, python_clients
from tests.support.live.gateways import id_of, live_gateway, reader_key, visit
from tests.support.live.programs import Program, running
from tests.support.live.relay import relaying
from tests.support.stores import Stores

QUEUE = 4
LONG_LABEL = "\U0001f600" * LONGEST_LINE
STRICTLY = ("--strict", "--noEmitOnError", "--skipLibCheck", "--target", "es2023", "--module", "nodenext")


def program_of(language: str, file: Path, *, silence: int) -> None:
    """Write the page's program in a language to a file; only the silence that it bears is as long as told."""
    page = (ROOT / "docs" / "feeds.md").read_text()
    (text,) = re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    changed, replaced = re.subn(r"(\bSILENCE = )30(_000)?\b", rf"\g<1>{silence}\2", text)
    assert replaced == 1
    file.write_text(changed)


def typescript(directory: Path, *, silence: int) -> Sequence[str]:
    """Compile the program, which checks its types, and return how to run it."""
    clients = node_clients()
    (directory / "node_modules").symlink_to(clients / "node_modules")
    program_of("ts", directory / "feed.mts", silence=silence)
    compiled = subprocess.run(
        [str(clients / "node_modules" / ".bin" / "tsc"), *STRICTLY, "--types", "node", "feed.mts"],
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert compiled.returncode == 0, compiled.stdout
    return "node", str(directory / "feed.mjs")


def python(directory: Path, *, silence: int) -> Sequence[str]:
    program_of("python", directory / "feed.py", silence=silence)
    return str(python_clients()), str(directory / "feed.py")


async def events_of(workspace: Workspace, profile: ProfileDoc) -> list[str]:
    """Return the ids of the profile's events, as the journal has them."""
    found = await workspace.find("journal", {"profile": profile["_id"], "kind": EntryKind.EVENT}, sort=[("seq", 1)])
    return [to_public("evt", event["_id"]) for event in found]


async def until_told(program: Program, workspace: Workspace, profile: ProfileDoc) -> None:
    """Wait until the program told as many entries as there are, which must be them."""
    events = await events_of(workspace, profile)
    await program.until(lambda: len(program.lines) >= len(events))
    assert [json.loads(line)["id"] for line in program.lines] == events


@pytest.mark.parametrize("prepared", [typescript, python])
async def test_the_programs_of_the_guide(
    prepared: Callable[..., Sequence[str]], settings: Settings, workspace: Workspace, bus: Bus, tmp_path: Path
) -> None:
    changes = {"mongodb_database": "shared", "credential_cache_seconds": 0.2, "heartbeat_seconds": 0.4}
    settings = settings.model_copy(update=changes)
    command = prepared(tmp_path, silence=1)
    profile = await a_profile(workspace, events=3)
    token, prefix = await reader_key(workspace)
    async with AsyncExitStack() as stopping, live_gateway(settings) as staying:
        leaving = await stopping.enter_async_context(live_gateway(settings))
        async with relaying(leaving.address) as relay:
            url = f"{relay.address}/graphql".replace("http", "ws")
            given = {"GATEWAY_URL": url, "GATEWAY_KEY": token, "PROFILE_ID": id_of(profile)}
            async with running(command, **given) as program:
                await until_told(program, workspace, profile)
                await visit(workspace, bus, profile, [3, 4])
                await until_told(program, workspace, profile)

                relay.cut()
                await visit(workspace, bus, profile, [5, 6])
                await until_told(program, workspace, profile)

                relay.silence()
                await visit(workspace, bus, profile, [7, 8])
                await until_told(program, workspace, profile)

                relay.target = staying.address
                await stopping.aclose()
                await visit(workspace, bus, profile, [9, 10])
                await until_told(program, workspace, profile)

                await revoke_key(workspace.database, workspace.id, prefix)
                assert await program.ended() != 0
                assert "ended for good: 4403" in program.errors
                await until_told(program, workspace, profile)


@pytest.mark.parametrize("prepared", [typescript, python])
async def test_the_programs_outlast_the_ends_that_the_guide_lists(
    prepared: Callable[..., Sequence[str]],
    settings: Settings,
    stores: Stores,
    workspace: Workspace,
    bus: Bus,
    tmp_path: Path,
) -> None:  # X1
    """The program comes when there is no room, is too slow, and comes back while the store is away."""
    changes = {
        "mongodb_database": "shared",
        "max_subscriptions": 1,
        "subscription_queue": QUEUE,
        "store_timeout": 1.0,
        "credential_cache_seconds": 60.0,
    }
    command = prepared(tmp_path, silence=30)
    profile = await a_profile(workspace, events=3)
    everything = {"id": id_of(profile), "after": profile_cursor(profile["_id"], 0)}
    token, _ = await reader_key(workspace)
    async with (
        AsyncExitStack() as leaving,
        live_gateway(settings.model_copy(update=changes)) as gateway,
        relaying(gateway.address) as relay,
    ):
        first = await leaving.enter_async_context(aclosing(over_sse(gateway.address, token, everything)))
        await anext(first)
        url = f"{relay.address}/graphql".replace("http", "ws")
        async with running(command, GATEWAY_URL=url, GATEWAY_KEY=token, PROFILE_ID=id_of(profile)) as program:
            await until(lambda: b"LIMIT_EXCEEDED" in relay.told, seconds=30)
            await visit(workspace, bus, profile, [3, 4])
            await leaving.aclose()
            await until_told(program, workspace, profile)

            relay.hold()
            for _ in range(6):
                await edit(workspace, profile["_id"], fifty_long_labels, actor=TESTER, bus=bus)
            await gateway.until_nobody_follows()
            relay.flow()
            await until_told(program, workspace, profile)
            assert relay.told.count(b"SLOW_CONSUMER") == 1

            relay.hold()
            relay.cut()
            await gateway.until_nobody_follows()
            pause(stores.mongodb.pid)
            try:
                relay.flow()
                await until(lambda: b"UNAVAILABLE" in relay.told, seconds=30)
            finally:
                proceed(stores.mongodb.pid)
            await visit(workspace, bus, profile, [5, 6])
            await until_told(program, workspace, profile)


def fifty_long_labels(working: Edit) -> None:
    for _ in range(50):
        working.add_event({**an_event(), "label": LONG_LABEL})
