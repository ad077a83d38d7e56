"""The command as a newcomer and an orchestrator meet it: real processes, from the first start to the last signal."""

import json
import os
import re
import shlex
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from bench.harness.gateways import Gateway
from bench.harness.processes import descendants, wait_until_gone
from bench.harness.waiting import wait_for
from gateway.embedded.data_dir import DataDirError, development_key, locked
from gateway.running.all_in_one import run
from gateway.running.server import ServeError, address_of, listen
from gateway.settings import Settings
from storage.store.mongo import Database


@pytest.fixture
def gateways() -> Iterator[list[Gateway]]:
    """Collect what a test starts, and see that it is dead afterwards, whatever happens."""
    started: list[Gateway] = []
    yield started
    for gateway in started:
        gateway.process.kill()
        gateway.process.wait()


async def test_run_keeps_data_and_leaves_no_process(tmp_path: Path, gateways: list[Gateway]) -> None:
    data_dir = tmp_path / "data"

    # The first start makes everything; after kill -9 no process is left.
    first = Gateway("run", data_dir, tmp_path / "first.log")
    gateways.append(first)
    address = first.wait_until_ready()
    key = (data_dir / "dev-key").read_text().strip()
    assert stat.S_IMODE((data_dir / "dev-key").stat().st_mode) == 0o600
    assert {"mongodb.log", "redis.log"} == {file.name for file in (data_dir / "logs").iterdir()}
    assert f"{address}/graphiql" in first.printed
    embedded = httpx.get(f"{address}/readyz").json()["embeddedStore"]
    assert re.search(rf"^ +MongoDB +{re.escape(embedded)}$", first.printed, re.MULTILINE)
    answer = subprocess.run(pasted(first.printed), capture_output=True, check=True).stdout
    assert json.loads(answer) == {"data": {"profiles": {"edges": []}}}
    stores = await note_in_mongodb(data_dir, "left by the first")
    children = descendants(first.process.pid)
    assert len(children) == 4
    first.stop(signal.SIGKILL)
    wait_until_gone(children)

    # The second has the same data, key and ports; Ctrl-C ends all of it.
    second = Gateway("run", data_dir, tmp_path / "second.log")
    gateways.append(second)
    address = second.wait_until_ready()
    assert workspace_of(address, key) == "demo"
    assert await note_in_mongodb(data_dir, "left by the second", before=["left by the first"]) == stores
    children = descendants(second.process.pid)
    assert second.stop(signal.SIGINT) == 0
    wait_until_gone(children)
    assert "Traceback" not in second.printed
    assert not (data_dir / "address").exists()
    assert not (data_dir / "stores.json").exists()


def test_run_starts_what_is_missing_and_ends_when_it_dies(
    settings: Settings, tmp_path: Path, gateways: list[Gateway]
) -> None:
    gateway = Gateway("run", tmp_path / "data", tmp_path / "run.log", **mongodb_of(settings))
    gateways.append(gateway)
    gateway.wait_until_ready()
    children = descendants(gateway.process.pid)
    assert len(children) == 2
    os.kill(named(children, "valkey-server|redis-server"), signal.SIGKILL)
    assert gateway.process.wait(30) == 1
    wait_until_gone(children)
    assert re.search(r"^profile-gateway: Redis ended with exit code \d+\..*redis\.log:$", gateway.printed, re.MULTILINE)
    assert "Traceback" not in gateway.printed


def test_serve_ends_in_order_on_sigterm(settings: Settings, tmp_path: Path, gateways: list[Gateway]) -> None:
    assert settings.redis_url is not None
    stores = {**mongodb_of(settings), "GATEWAY_REDIS_URL": settings.redis_url.get_secret_value()}
    gateway = Gateway("serve", tmp_path / "data", tmp_path / "serve.log", **stores)
    gateways.append(gateway)
    address = gateway.wait_until_ready()
    url = httpx.URL(address)
    with (
        socket.create_connection((url.host, url.port or 0), timeout=30) as upload,
        connect(f"ws://{url.host}:{url.port}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")]) as websocket,
    ):
        upload.sendall(b"GET /healthz HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n{")
        httpx.get(f"{address}/healthz").raise_for_status()  # now the server has read what was sent before
        gateway.process.terminate()

        with pytest.raises(ConnectionClosed) as closed:
            websocket.recv(timeout=30)
        assert closed.value.rcvd is not None
        assert "shutting down" in closed.value.rcvd.reason
        wait_for(lambda: refuses_connections(url), "the end of listening", seconds=10)
        assert gateway.process.poll() is None
        upload.sendall(b"}")
        assert upload.recv(1000).startswith(b"HTTP/1.1 200")
    assert gateway.process.wait(settings.shutdown_grace + 5) == 0
    assert "Traceback" not in gateway.printed
    assert not (tmp_path / "data" / "address").exists()


def test_a_data_directory_serves_one_process(tmp_path: Path) -> None:
    settings = Settings(port=0, data_dir=tmp_path)
    with locked(tmp_path), pytest.raises(DataDirError, match=rf"process {os.getpid()}\).*GATEWAY_DATA_DIR"):
        run(settings)


def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=rf"port {port} of 127\.0\.0\.1.*GATEWAY_PORT"):
            run(Settings(port=port, data_dir=tmp_path))
    assert [file.name for file in tmp_path.iterdir()] == ["lock"]


def test_a_damaged_key_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "dev-key").write_text("not a key\n")
    with pytest.raises(DataDirError, match="dev-key holds no API key"):
        development_key(tmp_path)


def test_addresses_are_what_a_client_can_use() -> None:
    with listen("0.0.0.0", 0) as listener:  # noqa: S104 - that is what is tested
        assert address_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"
    with listen("::1", 0) as listener:
        assert address_of(listener) == f"http://[::1]:{listener.getsockname()[1]}"


def mongodb_of(settings: Settings) -> dict[str, str]:
    assert settings.mongodb_uri is not None
    return {
        "GATEWAY_MONGODB_URI": settings.mongodb_uri.get_secret_value(),
        "GATEWAY_MONGODB_DATABASE": settings.mongodb_database,
    }


def workspace_of(address: str, key: str) -> str:
    """Return the key of the workspace that the key opens."""
    query = {"query": "{ viewer { workspace { key } } }"}
    answer = httpx.post(f"{address}/graphql", json=query, headers={"Authorization": f"Bearer {key}"})
    assert "data" in answer.json(), answer.text
    workspace: str = answer.json()["data"]["viewer"]["workspace"]["key"]
    return workspace


def pasted(printed: str) -> list[str]:
    """Return the words of the command that is printed to be pasted."""
    return shlex.split(next(line for line in printed.splitlines() if line.startswith("curl ")))


async def note_in_mongodb(data_dir: Path, note: str, before: list[str] | None = None) -> dict[str, str]:
    """Write a document that the next start must still have, and return where the stores are."""
    addresses: dict[str, str] = json.loads((data_dir / "stores.json").read_text())
    database = Database.connect(addresses["mongodb_uri"], name="test_run", timeout=10)
    try:
        assert [found["note"] for found in await database.find("notes", {}, sort=[("_id", 1)])] == (before or [])
        await database.insert("notes", [{"_id": len(before or []), "note": note}])
    finally:
        await database.close()
    return addresses


def named(pids: set[int], pattern: str) -> int:
    """Return the one process whose program has this name."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,comm="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=1) for line in listed.splitlines()]
    [found] = [int(pid) for pid, program in rows if int(pid) in pids and re.search(pattern, program)]
    return found


def refuses_connections(url: httpx.URL) -> bool:
    try:
        socket.create_connection((url.host, url.port or 0), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False
