"""Hints over one server and over a cluster: heard, lost and heard again."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.embedded.ports import any_free_port
from gateway.embedded.redis import find_server
from storage.store.bus import Bus
from storage.store.hints import Hints

Start = Callable[[], Awaitable[asyncio.subprocess.Process]]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


async def is_ready(client: Redis) -> bool:
    """Return whether a node serves its cluster; one without slots is given all of them."""
    info = await client.execute_command("CLUSTER", "INFO")
    if b"cluster_slots_assigned:0" in info:
        await client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
    return b"cluster_state:ok" in info


@pytest.fixture(params=["redis", "redis+cluster"])
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[str, Start]]:
    """Give an address, and what starts a server there: alone, or as the only node of a cluster."""
    port = any_free_port()
    is_cluster = request.param == "redis+cluster"
    started: list[asyncio.subprocess.Process] = []

    async def start() -> asyncio.subprocess.Process:
        given = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
        cluster = ["--cluster-enabled", "yes", "--cluster-port", str(any_free_port())] if is_cluster else []
        process = await asyncio.create_subprocess_exec(find_server(), *given, *cluster, stdout=subprocess.DEVNULL)
        started.append(process)
        client = Redis(port=port)
        async with asyncio.timeout(20):
            while True:
                try:
                    await client.ping()
                    if not is_cluster or await is_ready(client):
                        break
                except (RedisError, OSError):
                    pass
                await asyncio.sleep(0.05)
        await client.aclose()
        return process

    yield f"{request.param}://127.0.0.1:{port}", start
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_hints_are_heard_and_a_gap_is_told(server: tuple[str, Start]) -> None:
    address, start = server
    process = await start()
    sender, receiver = Bus.connect(address), Bus.connect(address)
    heard: list[tuple[str, str]] = []
    gaps: list[str] = []
    hints = Hints(receiver, lambda *hint: heard.append(hint), gaps.append)
    hints.follow("profile:1")
    hints.follow("profile:2")
    following = asyncio.create_task(hints.run())
    try:
        await until(lambda: {"profile:1", "profile:2"} <= set(gaps))
        # The first hint finds the nodes of a cluster, which may take longer than a hint waits.
        async with asyncio.timeout(20):
            while not await sender.hint({"profile:3": "4"}):
                await asyncio.sleep(0.1)
        assert await sender.hint({"profile:1": "5", "profile:2": "6", "profile:3": "7"})
        await until(lambda: len(heard) == 2)
        assert sorted(heard) == [("profile:1", "5"), ("profile:2", "6")]

        hints.leave("profile:1")
        assert await sender.hint({"profile:1": "8"})
        gaps.clear()
        process.kill()
        await process.wait()
        assert not await sender.hint({"profile:2": "9"})
        await start()
        await until(lambda: "profile:2" in gaps)
        assert "profile:1" not in gaps
        async with asyncio.timeout(20):
            while not await sender.hint({"profile:2": "10"}):
                await asyncio.sleep(0.1)
        await until(lambda: heard[-1] == ("profile:2", "10"))
    finally:
        following.cancel()
        await asyncio.wait([following])
        await sender.close()
        await receiver.close()
