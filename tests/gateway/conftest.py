"""Fixtures of the edge: servers over the schema of `edge`, and the Node.js clients of other people."""

import asyncio
import fcntl
import os
import shutil
import subprocess
import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from gateway.settings import Settings
from tests.conftest import Stores
from tests.gateway.edge import PROBES, Configured, Node, Probe, RunningServer, serving, until

CLIENTS = Path(__file__).parent.parent / "clients"


@pytest.fixture
def probe() -> Probe:
    """Return what the resolvers tell from here on."""
    PROBES.append(Probe())
    return PROBES[-1]


@pytest.fixture(scope="session")
def edge_settings(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        port=0,
        data_dir=tmp_path_factory.mktemp("edge"),
        mongodb_uri=SecretStr(stores.mongodb_uri),
        mongodb_database=f"test_{uuid.uuid4().hex}",
        redis_url=SecretStr(stores.redis_url),
        cors_origins=("https://console.example",),
    )


@pytest.fixture(scope="session")
async def lasting_server(edge_settings: Settings) -> AsyncIterator[RunningServer]:
    async with serving(edge_settings) as running:
        yield running


@pytest.fixture
async def server(lasting_server: RunningServer) -> RunningServer:
    """Return the one server of all tests that neither change settings nor stop it, recovered from those of stores."""
    monitor = lasting_server.state.monitor
    await until(lambda: monitor.mongodb and monitor.redis)
    return lasting_server


@pytest.fixture
def configured(edge_settings: Settings) -> Configured:
    """Serve with other settings: the names and values of those that change are the keyword arguments."""

    def serve(**changes: Any) -> AbstractAsyncContextManager[RunningServer]:
        database = {"mongodb_database": f"test_{uuid.uuid4().hex}"}
        return serving(edge_settings.model_copy(update=database | changes))

    return serve


@pytest.fixture(scope="session")
def node() -> Node:
    """Return a function that runs a script of tests/clients and returns what it prints."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Node.js with npm is missing, and CI must not skip what needs it.")
        pytest.skip("Node.js with npm is not installed")
    install_clients()

    async def run(script: str, **environment: str) -> str:
        process = await asyncio.create_subprocess_exec(
            "node",
            str(CLIENTS / script),
            env=os.environ | environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
        return output.decode()

    return run


def install_clients() -> None:
    """Install what package-lock.json pins, once for all workers and until it changes."""
    installed = CLIENTS / "node_modules" / ".package-lock.json"
    with (CLIENTS / ".npmrc").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if installed.exists() and installed.stat().st_mtime >= (CLIENTS / "package-lock.json").stat().st_mtime:
            return
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(command, cwd=CLIENTS, check=True, capture_output=True, timeout=300)
