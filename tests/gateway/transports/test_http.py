"""GraphQL over HTTP on real sockets: what is accepted, what is refused, and what a client learns from it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.edge import SHOUTED, Configured, Probe, RunningServer

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
DEEP = b'{"query":"{ echo }","variables":{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}}"


@pytest.fixture
async def client(server: RunningServer) -> AsyncIterator[httpx.AsyncClient]:
    async with server.client() as client:
        yield client


@asynccontextmanager
async def raw_request(
    server: RunningServer, line: str, header: str, body: bytes
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Send a request by hand, and close the connection at the end of the block."""
    target = urlsplit(server.base_url)
    reader, writer = await asyncio.open_connection(target.hostname, target.port)
    lines = [
        f"{line} HTTP/1.1",
        "Host: gateway",
        f"Authorization: Bearer {server.key}",
        f"Content-Type: {JSON}",
        header,
    ]
    try:
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


def error_of(response: httpx.Response) -> dict[str, Any]:
    """Return the one error of an answer in the form that every error has."""
    (error,) = response.json()["errors"]
    assert error["message"]
    return error


def code_of(response: httpx.Response) -> str:
    return error_of(response)["extensions"]["code"]


async def test_a_query_by_post(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", json={"query": "{ echo }"})
    assert (response.status_code, response.json()) == (200, {"data": {"echo": "hello"}})
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("accept", [JSON, GRAPHQL_JSON])
async def test_what_is_deprecated_is_told(client: httpx.AsyncClient, accept: str) -> None:
    response = await client.post("/graphql", json={"query": "{ shout }"}, headers={"Accept": accept})
    assert response.json() == {"data": {"shout": "HELLO"}, "extensions": SHOUTED}


async def test_every_parameter_by_get(client: httpx.AsyncClient) -> None:
    query = "query A($text: String!) { echo(text: $text) } query B { echo }"
    parameters = {"query": query, "operationName": "A", "variables": '{"text":"é"}', "extensions": "{}"}
    response = await client.get("/graphql", params=parameters)
    assert response.json() == {"data": {"echo": "é"}}


async def test_an_empty_operation_name_by_get_names_none(client: httpx.AsyncClient) -> None:
    response = await client.get("/graphql", params={"query": "{ echo }", "operationName": ""})
    assert response.json() == {"data": {"echo": "hello"}}


async def test_a_mutation_by_get_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.get("/graphql", params={"query": "mutation { touch }"})
    assert (response.status_code, code_of(response)) == (405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_other_methods_are_refused(client: httpx.AsyncClient, method: str) -> None:
    response = await client.request(method, "/graphql")
    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"GET", "POST"}
    if method != "HEAD":
        assert code_of(response) == "METHOD_NOT_ALLOWED"


async def test_a_subscription_by_post_names_the_transports_that_stream(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", json={"query": "subscription { count(to: 1) }"})
    assert code_of(response) == "BAD_REQUEST"
    assert "server-sent events" in error_of(response)["message"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty"),
        (b'"x"', "must be a JSON object"),
        (b"1", "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b"[1]", "Batches"),
        (b'[{"query":"{ echo }"}]', "Batches"),
        (b"{", "not valid JSON"),
        (b'{"query":"\xff"}', "not valid JSON"),
        (b'{"query":"\\ud800"}', "not valid JSON"),
        (b'{"query":NaN}', "not valid JSON"),
        (b'\xef\xbb\xbf{"query":"{ echo }"}', "not valid JSON"),
        (DEEP, "not valid JSON"),
        (b"{}", "query is missing"),
        (b'{"query":null}', "query is missing"),
        (b'{"query":1}', "query must be a string"),
        (b'{"query":"{ echo }","operationName":1}', "operationName must be a string or null"),
        (b'{"query":"{ echo }","variables":[]}', "variables must be an object or null"),
        (b'{"query":"{ echo }","variables":"{}"}', "variables must be an object or null"),
        (b'{"query":"{ echo }","extensions":1}', "extensions must be an object or null"),
    ],
)
async def test_a_malformed_body_is_told_what_is_wrong(client: httpx.AsyncClient, body: bytes, told: str) -> None:
    response = await client.post("/graphql", content=body, headers={"Content-Type": JSON})
    assert (response.status_code, code_of(response)) == (400, "BAD_REQUEST")
    assert told in error_of(response)["message"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", "query is missing"),
        ("query={echo}&query={echo}", "given 2 times"),
        ("query={echo}&variables=[]", "variables must be an object"),
        ("query={echo}&variables={", "variables is not valid JSON"),
        ("query={echo}&extensions=1", "extensions must be an object"),
    ],
)
async def test_malformed_parameters_are_told_what_is_wrong(client: httpx.AsyncClient, query: str, told: str) -> None:
    response = await client.get(f"/graphql?{query}")
    assert (response.status_code, code_of(response)) == (400, "BAD_REQUEST")
    assert told in error_of(response)["message"]


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=UTF-8", 200),
        ('application/json; charset="utf-8"', 200),
        ("application/json; charset=latin-1", 415),
        ("application/graphql", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("nonsense", 415),
        ("", 415),
    ],
)
async def test_only_json_in_utf8_is_read(client: httpx.AsyncClient, content_type: str, status: int) -> None:
    response = await client.post("/graphql", content=b'{"query":"{ echo }"}', headers={"Content-Type": content_type})
    assert response.status_code == status
    if status == 415:
        assert code_of(response) == "UNSUPPORTED_MEDIA_TYPE"


@pytest.mark.parametrize(
    ("accept", "answer"),
    [
        ("*/*", JSON),
        ("application/*", JSON),
        (f"{GRAPHQL_JSON}, {JSON}", GRAPHQL_JSON),
        (f"{JSON}, {GRAPHQL_JSON}", JSON),
        (f"{JSON};q=0.5, {GRAPHQL_JSON}", GRAPHQL_JSON),
        (f"{JSON};q=0, */*", GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}, */*;q=0.1", GRAPHQL_JSON),
        # urql and Apollo Client, as they send it.
        (f"{GRAPHQL_JSON}, application/graphql+json, {JSON}, text/event-stream, multipart/mixed", GRAPHQL_JSON),
        (f"multipart/mixed;deferSpec=20220824, {GRAPHQL_JSON}, {JSON};q=0.9", GRAPHQL_JSON),
        # SSE wins by quality, then by order, and never by a wildcard alone.
        (f"{JSON}, text/event-stream", JSON),
        (f"text/event-stream;q=0.9, {JSON}", JSON),
        (f"text/event-stream, {JSON}", "text/event-stream"),
        (f"{JSON};q=0.8, text/event-stream;q=0.9", "text/event-stream"),
        ("text/event-stream", "text/event-stream"),
        ("text/*", "text/event-stream"),
        ('text/html;title="a, b;c", application/json', JSON),
    ],
)
async def test_the_media_type_is_chosen_by_quality_then_order(
    client: httpx.AsyncClient, accept: str, answer: str
) -> None:
    response = await client.post("/graphql", json={"query": "{ echo }"}, headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{answer}; charset=utf-8"


async def test_several_accept_headers_are_one_list(client: httpx.AsyncClient) -> None:
    headers = [("Accept", "text/html"), ("Accept", f"{JSON};q=0.5"), ("Accept", GRAPHQL_JSON)]
    request = client.build_request("POST", "/graphql", json={"query": "{ echo }"}, headers=headers)
    request.headers = httpx.Headers([pair for pair in request.headers.multi_items() if pair != ("accept", "*/*")])
    response = await client.send(request)
    assert response.headers["content-type"] == f"{GRAPHQL_JSON}; charset=utf-8"


@pytest.mark.parametrize(
    "accept", ["text/html", "image/*", f"{JSON};q=0", f"{JSON};charset=latin-1", "nonsense", ";,;"]
)
async def test_nothing_acceptable(client: httpx.AsyncClient, accept: str) -> None:
    response = await client.post("/graphql", json={"query": "{ echo }"}, headers={"Accept": accept})
    assert (response.status_code, code_of(response)) == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize(
    ("query", "code"), [("{", "GRAPHQL_PARSE_FAILED"), ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED")]
)
async def test_a_request_error_has_a_status_only_where_the_media_type_gives_it_one(
    client: httpx.AsyncClient, query: str, code: str
) -> None:
    for accept, status in ((JSON, 200), (GRAPHQL_JSON, 400)):
        response = await client.post("/graphql", json={"query": query}, headers={"Accept": accept})
        assert (response.status_code, code_of(response)) == (status, code)
        assert "data" not in response.json()


async def test_a_fault_is_masked(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", json={"query": "{ broken }"})
    assert response.status_code == 200
    assert response.json()["data"] == {"broken": None}
    assert code_of(response) == "INTERNAL"
    assert "secret" not in response.text
    assert error_of(response)["extensions"]["id"]


async def test_a_body_over_the_limit_is_refused(client: httpx.AsyncClient, server: RunningServer) -> None:
    limit = server.state.settings.max_body_bytes
    headers = {"Content-Type": JSON}
    within = b'{"query":"{ echo }"}'.ljust(limit)
    assert (await client.post("/graphql", content=within, headers=headers)).status_code == 200
    response = await client.post("/graphql", content=within + b" ", headers=headers)
    assert (response.status_code, code_of(response)) == (413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("announced", ["Content-Length: 30000000", "Transfer-Encoding: chunked"])
async def test_a_body_over_the_limit_is_refused_while_it_arrives(server: RunningServer, announced: str) -> None:
    """The answer comes although the body never ends: by its announced length, or at the byte over the limit."""
    size = server.state.settings.max_body_bytes + 1
    sent = b"" if "Length" in announced else f"{size:x}\r\n".encode() + b" " * size + b"\r\n"
    async with raw_request(server, "POST /graphql", announced, sent) as (reader, _):
        async with asyncio.timeout(5):
            assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Basic eDp5", "Bearer wrong", "Bearer pgk_aaaaaaaa_" + "a" * 43]
)
async def test_no_or_a_bad_credential_is_refused_before_the_body(server: RunningServer, header: str | None) -> None:
    headers = {"Content-Type": "text/plain"} | ({} if header is None else {"Authorization": header})
    async with server.client(headers={}) as client:
        for path in ("/graphql", "/metrics"):
            response = await client.request("POST" if path == "/graphql" else "GET", path, headers=headers)
            assert (response.status_code, code_of(response)) == (401, "UNAUTHENTICATED")
            assert response.headers["www-authenticate"] == "Bearer"


async def test_unknown_paths_answer_in_json(client: httpx.AsyncClient) -> None:
    for path in ("/", "/graphql/", "/nothing"):
        response = await client.get(path)
        assert (response.status_code, code_of(response)) == (404, "NOT_FOUND")


async def test_health_needs_no_credential_and_metrics_needs_its_scope(server: RunningServer) -> None:
    async with server.client() as client:
        assert (await client.get("/metrics")).status_code == 200
    async with server.client(headers={}) as stranger:
        assert (await stranger.get("/healthz")).status_code == 200
        assert (await stranger.get("/readyz")).status_code == 200


async def test_browsers_of_listed_origins_may_call(client: httpx.AsyncClient) -> None:
    preflight = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    allowed = await client.options("/graphql", headers={"Origin": "https://console.example", **preflight})
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == "https://console.example"
    refused = await client.options("/graphql", headers={"Origin": "https://evil.example", **preflight})
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers


async def test_a_refusal_can_be_read_by_a_browser(server: RunningServer) -> None:
    async with server.client(headers={}) as client:
        response = await client.post("/graphql", headers={"Origin": "https://console.example"})
    assert response.status_code == 401
    assert response.headers["access-control-allow-origin"] == "https://console.example"


@pytest.mark.parametrize("request_line", ["POST /graphql", "GET /graphql?query=%7Bslow%7D"])
async def test_a_client_that_disconnects_cancels_its_operation(
    server: RunningServer, probe: Probe, request_line: str
) -> None:
    body = b'{"query":"{ slow }"}' if request_line.startswith("POST") else b""
    async with asyncio.timeout(5):
        async with raw_request(server, request_line, f"Content-Length: {len(body)}", body):
            await probe.started.wait()
            assert not probe.cancelled.is_set()
        await probe.cancelled.wait()


async def test_an_operation_that_takes_too_long_is_cancelled(configured: Configured, probe: Probe) -> None:
    async with configured(operation_timeout=0.2) as server, server.client() as client:
        response = await client.post("/graphql", json={"query": "{ slow }"})
        assert code_of(response) == "OPERATION_TIMEOUT"
        assert probe.cancelled.is_set()
