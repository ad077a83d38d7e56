"""What orchestrators and monitoring ask of a running gateway."""

import uuid

import httpx

from gateway.settings import Settings
from storage.api_keys import create_key
from storage.credentials import Scope
from tests.support.edge import RunningServer, serving


async def test_health_needs_no_credential(server: RunningServer) -> None:
    async with httpx.AsyncClient(base_url=server.base_url) as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        ready = await client.get("/readyz")
    assert ready.status_code == 200
    checks = {"mongodb": "ok", "redis": "ok", "indexes": "ok", "accepting": "ok"}
    assert ready.json() == {"status": "ok", "checks": checks}


async def test_a_gateway_without_indexes_or_that_closes_is_not_ready(edge_settings: Settings) -> None:
    settings = edge_settings.model_copy(update={"mongodb_database": f"test_{uuid.uuid4().hex}"})
    async with serving(settings) as server, server.client() as client:
        server.state.prepared = False
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["checks"]["indexes"]) == (503, "failing")
        server.state.prepared = True
        server.state.closing.set()
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["checks"]["accepting"]) == (503, "failing")
        assert (await client.get("/healthz")).status_code == 200


async def test_metrics_need_their_scope(server: RunningServer) -> None:
    scopes = [Scope.PROFILES_READ, Scope.CONSOLE]
    key, _ = await create_key(server.state.database, server.state.settings.workspace, name="no metrics", scopes=scopes)
    async with httpx.AsyncClient(base_url=server.base_url) as client:
        assert (await client.get("/metrics")).status_code == 401
        refused = await client.get("/metrics", headers={"Authorization": f"Bearer {key}"})
        answer = await client.get("/metrics", headers=server.headers)
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["extensions"] == {"code": "FORBIDDEN", "scope": "metrics:read"}
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'gateway_store_up{store="mongodb"} 1.0' in answer.text
    assert 'gateway_mongodb_command_seconds_count{command="find",outcome="ok"}' in answer.text
    assert 'gateway_requests_total{status="401",transport="http"}' in answer.text


async def test_operations_over_each_transport_are_counted(server: RunningServer) -> None:
    value = server.state.metrics.registry.get_sample_value
    async with server.client() as client:
        await client.post("/graphql", json={"query": "{__typename}"})
        headers = {"Accept": "text/event-stream"}
        await client.post("/graphql", json={"query": "subscription{count(to:2)}"}, headers=headers)
    assert (value("gateway_operation_seconds_count", {"type": "query", "code": "OK"}) or 0) >= 1
    assert (value("gateway_subscription_events_total") or 0) >= 2
    assert (value("gateway_requests_total", {"transport": "sse", "status": "200"}) or 0) >= 1
