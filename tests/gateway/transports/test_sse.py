"""Server-sent events on real sockets, in the distinct connections mode of graphql-sse."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from storage.api_keys import create_key, revoke_key
from storage.credentials import Scope
from tests.support.edge import SHOUTED, TALLIED, Configured, Node, Probe, RunningServer

ACCEPT = {"Accept": "text/event-stream"}


@asynccontextmanager
async def streaming(
    server: RunningServer, query: str, *, key: str | None = None, method: str = "POST"
) -> AsyncIterator[tuple[httpx.Response, AsyncGenerator[str, None]]]:
    """Open a stream and give its response with an iterator over what arrives, frame by frame."""
    request = {"json": {"query": query}} if method == "POST" else {"params": {"query": query}}
    headers = {"Authorization": f"Bearer {key or server.key}"} | ACCEPT
    async with server.client(headers=headers) as client, client.stream(method, "/graphql", **request) as response:
        yield response, frames_of(response)


async def frames_of(response: httpx.Response) -> AsyncGenerator[str, None]:
    buffered = ""
    async for text in response.aiter_text():
        buffered += text
        while "\n\n" in buffered:
            frame, buffered = buffered.split("\n\n", 1)
            yield frame
    assert buffered == ""


async def results_of(frames: AsyncIterator[str]) -> list[Any]:
    """Return the data of each `next` event; the last event must be `complete`."""
    received = [frame async for frame in frames if frame != ":"]
    assert received.pop() == "event: complete\ndata: "
    assert all(frame.startswith("event: next\ndata: ") for frame in received)
    return [json.loads(frame.removeprefix("event: next\ndata: ")) for frame in received]


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize(
    ("query", "results"),
    [
        ("{ echo }", [{"data": {"echo": "hello"}}]),
        ('{ echo(text: "a\\n\\nb\\r") }', [{"data": {"echo": "a\n\nb\r"}}]),
        ("subscription { count(to: 2) }", [{"data": {"count": 1}}, {"data": {"count": 2}}]),
        ("subscription { count(to: 0) }", []),
        ("{ shout }", [{"data": {"shout": "HELLO"}, "extensions": SHOUTED}]),
        ("subscription { tally }", [{"data": {"tally": number}, "extensions": TALLIED} for number in (1, 2)]),
    ],
)
async def test_each_result_is_an_event(server: RunningServer, method: str, query: str, results: list[Any]) -> None:
    async with streaming(server, query, method=method) as (response, frames):
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-accel-buffering"] == "no"
        assert await results_of(frames) == results


async def test_lines_end_in_lf_alone(server: RunningServer) -> None:
    async with server.client(headers=server.headers | ACCEPT) as client:
        response = await client.post("/graphql", json={"query": "{ echo }"})
    assert response.content == b'event: next\ndata: {"data":{"echo":"hello"}}\n\nevent: complete\ndata: \n\n'


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nonsense }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_what_is_wrong_with_a_document_is_told_in_the_stream(
    server: RunningServer, method: str, query: str, code: str
) -> None:
    async with streaming(server, query, method=method) as (response, frames):
        assert response.status_code == 200
        (result,) = await results_of(frames)
    assert result["errors"][0]["extensions"]["code"] == code
    assert "data" not in result


async def test_a_mutation_is_run_by_post_and_refused_by_get(server: RunningServer) -> None:
    async with streaming(server, "mutation { touch }") as (_, frames):
        assert await results_of(frames) == [{"data": {"touch": 1}}]
    async with streaming(server, "mutation { touch }", method="GET") as (_, frames):
        (result,) = await results_of(frames)
    assert result["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("headers", "content", "status", "code"),
    [
        ({"Authorization": "Bearer wrong"}, b'{"query":"{ echo }"}', 401, "UNAUTHENTICATED"),
        ({"Content-Type": "text/plain"}, b'{"query":"{ echo }"}', 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({}, b"[]", 400, "BAD_REQUEST"),
    ],
)
async def test_what_is_wrong_with_the_request_is_told_in_json(
    server: RunningServer, headers: dict[str, str], content: bytes, status: int, code: str
) -> None:
    async with server.client(headers=server.headers | ACCEPT | {"Content-Type": "application/json"}) as client:
        response = await client.post("/graphql", content=content, headers=headers)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.json()["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize("query", ["{ slow }", "subscription { wait }"])
async def test_a_client_that_disconnects_cancels_its_operation(server: RunningServer, probe: Probe, query: str) -> None:
    async with asyncio.timeout(5):
        async with streaming(server, query):
            await probe.started.wait()
            assert not probe.cancelled.is_set()
        await probe.cancelled.wait()


async def test_a_quiet_stream_shows_that_it_is_alive(configured: Configured) -> None:
    async with configured(heartbeat_seconds=0.05) as server, streaming(server, "{ slow }") as (_, frames):
        async with asyncio.timeout(5):
            assert [await anext(frames) for _ in range(2)] == [":", ":"]
        await frames.aclose()


async def test_closing_ends_streams_with_a_reason(configured: Configured, probe: Probe) -> None:
    async with configured() as server, streaming(server, "subscription { wait }") as (_, frames):
        await probe.started.wait()
        server.state.closing.set()
        first, last = await results_of(frames)
        assert first == {"data": {"wait": 1}}
        assert last["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
        assert "shutting down" in last["errors"][0]["message"]
        assert probe.cancelled.is_set()


async def test_a_revoked_key_ends_its_streams(configured: Configured, probe: Probe) -> None:
    async with configured(credential_cache_seconds=0.1) as server:
        database, workspace = server.state.database, server.state.settings.workspace
        key, described = await create_key(database, workspace, name="doomed", scopes=[Scope.PROFILES_READ])
        async with streaming(server, "subscription { wait }", key=key) as (_, frames):
            await probe.started.wait()
            await revoke_key(database, workspace, described["prefix"])
            *_, last = await results_of(frames)
    assert last["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert probe.cancelled.is_set()


async def test_an_expired_key_ends_its_streams(configured: Configured) -> None:
    async with configured() as server:
        database, workspace = server.state.database, server.state.settings.workspace
        expires_at = datetime.now(UTC) + timedelta(seconds=1)
        key, _ = await create_key(
            database, workspace, name="brief", scopes=[Scope.PROFILES_READ], expires_at=expires_at
        )
        async with streaming(server, "subscription { wait }", key=key) as (_, frames):
            *_, last = await results_of(frames)
    assert last["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert datetime.now(UTC) >= expires_at


async def test_the_reference_client(server: RunningServer, node: Node) -> None:
    assert json.loads(await node("graphql-sse.mjs", URL=server.url, KEY=server.key)) == {
        "query": [{"data": {"echo": "hello"}}],
        "subscription": [{"data": {"count": 1}}, {"data": {"count": 2}}],
        "invalid": "GRAPHQL_VALIDATION_FAILED",
        "unauthenticated": 401,
    }
