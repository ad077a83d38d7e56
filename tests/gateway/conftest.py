"""Fixtures of the edge: servers over the schema of `edge`, and the Node.js clients of other people."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from pydantic import SecretStr

from bench.harness.waiting import until
from gateway.settings import Settings
from tests.support.edge import PROBES, Configured, Node, Probe, RunningServer, serving
from tests.support.installed_clients import node_clients
from tests.support.stores import Stores


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
    clients = node_clients()

    async def run(script: str, **environment: str) -> str:
        process = await asyncio.create_subprocess_exec(
            "node",
            str(clients / script),
            env=os.environ | environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
        return output.decode()

    return run
