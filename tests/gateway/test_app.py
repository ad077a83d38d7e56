"""How the parts hold together: starting without a store, faults outside GraphQL, and settings that are missing."""

import asyncio
import uuid

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.harness.processes import stopped
from bench.harness.waiting import until
from gateway.app import create_app, middleware, open_state
from gateway.settings import Settings
from gateway.telemetry.metrics import Metrics
from schema import schema
from tests.support.edge import listening
from tests.support.stores import Stores


def test_the_stores_must_be_named() -> None:
    with pytest.raises(ValueError, match="GATEWAY_MONGODB_URI is not set"):
        create_app(Settings())
    with pytest.raises(ValueError, match="GATEWAY_REDIS_URL is not set"):
        create_app(Settings(mongodb_uri=SecretStr("mongodb://127.0.0.1")))


def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_CORS_ORIGINS", "https://a.example, https://b.example,")
    assert Settings().cors_origins == ("https://a.example", "https://b.example")


async def test_a_fault_outside_of_graphql_is_masked_and_readable_in_a_browser() -> None:
    async def broken(_: Request) -> Response:
        raise RuntimeError("a secret of ours")

    settings = Settings(cors_origins=("https://console.example",))
    app = Starlette(routes=[Route("/", broken)], middleware=middleware(settings, Metrics()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        response = await client.get("/", headers={"Origin": "https://console.example"})
    assert response.status_code == 500
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["id"]
    assert "secret" not in response.text
    assert response.headers["access-control-allow-origin"] == "https://console.example"
    assert response.headers["x-request-id"]


async def test_a_store_may_come_up_after_the_gateway(edge_settings: Settings, stores: Stores) -> None:
    """The process starts, tells that it is not ready, refuses at once, and prepares the store when it is there."""
    settings = edge_settings.model_copy(update={"mongodb_database": f"test_{uuid.uuid4().hex}", "store_timeout": 1.0})
    key = {"Authorization": "Bearer pgk_aaaaaaaa_" + "a" * 43}
    with stopped(stores.mongodb.pid) as go_on:
        async with listening(settings) as (app, client):
            assert (await client.get("/healthz")).status_code == 200
            answer = await client.get("/readyz")
            assert answer.status_code == 503
            assert answer.json()["checks"] == {
                "mongodb": "failing",
                "redis": "ok",
                "indexes": "failing",
                "accepting": "ok",
            }
            refused = await client.post("/graphql", headers=key)
            assert refused.status_code == 503
            assert refused.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
            assert refused.headers["retry-after"] == "1"
            go_on()
            state = app.state.gateway
            await until(lambda: state.prepared and state.monitor.mongodb, seconds=20)
            assert (await client.get("/readyz")).status_code == 200
            assert (await client.post("/graphql", headers=key)).status_code == 401
            await state.database.drop()


async def test_collections_are_declared_once_at_a_start(edge_settings: Settings) -> None:
    """What `run` has declared, before it made the key, the gateway does not declare again."""
    assert edge_settings.mongodb_uri is not None
    assert edge_settings.redis_url is not None
    addresses = {
        "mongodb_uri": edge_settings.mongodb_uri.get_secret_value(),
        "redis_url": edge_settings.redis_url.get_secret_value(),
    }
    for prepared in (True, False):
        settings = edge_settings.model_copy(update={"mongodb_database": f"test_{uuid.uuid4().hex}"})
        async with open_state(settings, schema, Metrics(), **addresses, prepared=prepared) as state:
            await until(lambda state=state: state.prepared)  # type: ignore[misc]
            await asyncio.sleep(0.1)
            there = await state.database.command({"listCollections": 1})
            assert bool(there["cursor"]["firstBatch"]) != prepared
            await state.database.drop()
