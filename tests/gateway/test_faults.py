"""Stores that stop, die and come back while the gateway runs: real processes, real signals."""

import asyncio
import os
import signal
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import strawberry
from pydantic import SecretStr
from structlog.testing import capture_logs

from bench.harness.processes import discarded, pause, proceed
from bench.harness.waiting import until
from gateway.embedded.mongodb import start_mongodb
from gateway.embedded.redis import start_redis
from gateway.embedded.store import Store
from gateway.settings import Settings
from gateway.state import State
from resolvers.context import Context
from schema.base import GatewaySchema
from storage.api_keys import create_key
from storage.credentials import Scope
from storage.workspaces import ensure_workspace
from tests.support.edge import listening

QUERY = {"query": "{reads}"}
OPERATION_SECONDS = 4.0
GRAPHQL = {"Accept": "application/graphql-response+json"}


@strawberry.type
class Query:
    @strawberry.field
    async def reads(self, info: strawberry.Info[Context, None]) -> bool:
        await info.context.workspace.find_one("profiles", {})
        return True


SCHEMA = GatewaySchema(Query)


@dataclass
class Hurt:
    """Stores that nobody else uses, so that they may be stopped and killed."""

    directory: Path
    mongodb: Store
    redis: Store

    async def restart_mongodb(self) -> None:
        await self.mongodb.stop()
        self.mongodb = await start_mongodb(self.directory)


@pytest.fixture(scope="module")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hurt]:
    directory = tmp_path_factory.mktemp("hurt")
    stores = Hurt(directory, await start_mongodb(directory), await start_redis(directory))
    try:
        yield stores
    finally:
        for store in (stores.mongodb, stores.redis):
            await discarded(store)


def settings_of(stores: Hurt, **changes: Any) -> Settings:
    return Settings(
        data_dir=stores.directory,
        mongodb_database=f"test_{uuid.uuid4().hex}",
        mongodb_uri=SecretStr(stores.mongodb.address),
        redis_url=SecretStr(stores.redis.address),
        store_timeout=1.5,
        operation_timeout=OPERATION_SECONDS,
        credential_cache_seconds=60.0,
        **changes,
    )


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with listening(settings, SCHEMA) as (app, client):
        state: State = app.state.gateway
        await until(lambda: state.prepared, seconds=30)
        await ensure_workspace(state.database, settings.workspace, name="Hurt")
        key, _ = await create_key(state.database, settings.workspace, name="test", scopes=[Scope.METRICS_READ])
        client.headers["Authorization"] = f"Bearer {key}"
        yield client


async def eventually(ask: Callable[[], Awaitable[httpx.Response]], status: int, *, seconds: float = 20) -> Any:
    """Ask until the answer has `status`, and return its body."""
    async with asyncio.timeout(seconds):
        while (answer := await ask()).status_code != status:
            await asyncio.sleep(0.05)
    return answer.json()


async def assert_works(client: httpx.AsyncClient) -> None:
    ready = await eventually(lambda: client.get("/readyz"), 200)
    assert set(ready["checks"].values()) == {"ok"}
    answer = await client.post("/graphql", json=QUERY, headers=GRAPHQL)
    assert answer.json() == {"data": {"reads": True}}


async def assert_unavailable(client: httpx.AsyncClient, *, within: float) -> httpx.Response:
    started = time.monotonic()
    answer = await client.post("/graphql", json=QUERY, headers=GRAPHQL)
    assert time.monotonic() - started < within
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "UNAVAILABLE"}
    assert "127.0.0.1" not in answer.text
    assert "ongo" not in answer.text
    return answer


async def test_mongodb_stops_answering_and_goes_on(own: Hurt) -> None:
    """With either driver, and for both at the same time."""
    async with (
        serving(settings_of(own, mongodb_driver="motor")) as motor,
        serving(settings_of(own, mongodb_driver="pymongo")) as pymongo,
    ):
        await asyncio.gather(assert_works(motor), assert_works(pymongo))
        pause(own.mongodb.pid)
        await asyncio.gather(assert_waits_for_mongodb(motor), assert_waits_for_mongodb(pymongo))
        proceed(own.mongodb.pid)
        for client in (motor, pymongo):
            await assert_works(client)
            assert (await client.get("/metrics")).text.count('gateway_store_up{store="mongodb"} 1.0') == 1


async def assert_waits_for_mongodb(client: httpx.AsyncClient) -> None:
    await assert_unavailable(client, within=OPERATION_SECONDS)
    away = await eventually(lambda: client.get("/readyz"), 503)
    assert away["checks"] == {"mongodb": "failing", "redis": "ok", "indexes": "ok", "accepting": "ok"}
    assert (await client.get("/healthz")).status_code == 200
    answer = await assert_unavailable(client, within=0.5)
    assert answer.status_code == 503
    assert "data" not in answer.json()

    stranger = {"Authorization": "Bearer pg_" + "0" * 40, **GRAPHQL}
    started = time.monotonic()
    refused = await client.post("/graphql", json=QUERY, headers=stranger)
    assert time.monotonic() - started < OPERATION_SECONDS
    assert refused.json()["errors"][0]["extensions"]["code"] in {"UNAVAILABLE", "UNAUTHENTICATED"}


async def test_mongodb_dies_and_is_started_again(own: Hurt) -> None:
    async with serving(settings_of(own)) as client:
        await assert_works(client)
        os.kill(own.mongodb.pid, signal.SIGKILL)
        await assert_unavailable(client, within=OPERATION_SECONDS)
        await eventually(lambda: client.get("/readyz"), 503)
        await assert_unavailable(client, within=0.5)

        address = own.mongodb.address
        await own.restart_mongodb()
        assert own.mongodb.address == address
        await assert_works(client)


async def test_without_redis_reading_goes_on(own: Hurt) -> None:
    with capture_logs() as logged:
        async with serving(settings_of(own)) as client:
            await assert_works(client)
            pause(own.redis.pid)
            away = await eventually(lambda: client.get("/readyz"), 503)
            assert away["checks"]["redis"] == "failing"
            assert away["checks"]["mongodb"] == "ok"
            answer = await client.post("/graphql", json=QUERY, headers=GRAPHQL)
            assert answer.json() == {"data": {"reads": True}}
            proceed(own.redis.pid)
            await assert_works(client)
    told = [line["event"] for line in logged if line.get("store") == "redis"]
    assert told == ["store_answers", "store_away", "store_answers"]


async def test_a_store_may_come_up_after_the_gateway(own: Hurt) -> None:
    pause(own.mongodb.pid)
    asyncio.get_running_loop().call_later(2, proceed, own.mongodb.pid)
    with capture_logs() as logged:
        async with serving(settings_of(own)) as client:
            await assert_works(client)
    told = [line["event"] for line in logged if line.get("store") == "mongodb"]
    assert told == ["store_away", "store_answers"]
