"""What is logged, counted and traced about a request: enough to operate, and nothing personal."""

import asyncio
import io
import json
import logging
import re
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import structlog
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from gateway.execution.engine import Engine
from gateway.execution.faults import fault
from gateway.execution.operation import Operation
from gateway.settings import Settings
from gateway.telemetry import logs, tracing
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.requests import Telemetry
from gateway.telemetry.tracing import Tracing
from storage.credentials import Credential, CredentialKind
from tests.support.sample_schema import SECRET, a_credential, an_engine, ask, make_context, schema

TRACE = "0af7651916cd43dd8448eb211c80319c"


def an_app(metrics: Metrics, tracing: Tracing | None = None) -> Starlette:
    engine = Engine(schema, Settings(), make_context, metrics=metrics, tracing=tracing)

    async def graphql(request: Request) -> Response:
        structlog.get_logger("test").info("inside")
        person = Credential(CredentialKind.TOKEN, SECRET, SECRET, "demo", frozenset())
        credential = person if request.headers.get("x-person") else a_credential()
        return JSONResponse((await engine.execute(Operation(**await request.json()), credential)).body)

    async def events(_: Request) -> Response:
        async def two() -> AsyncIterator[bytes]:
            assert metrics.registry.get_sample_value("gateway_connections_open", {"transport": "sse"}) == 1
            yield b"data: 1\n\n"
            yield b"data: 2\n\n"

        return StreamingResponse(two(), media_type="text/event-stream")

    async def healthz(_: Request) -> Response:
        return Response()

    routes = [Route("/graphql", graphql, methods=["POST"]), Route("/events", events), Route("/healthz", healthz)]
    return Starlette(routes=routes, middleware=[Middleware(Telemetry, metrics=metrics)])


def a_client(metrics: Metrics | None = None, tracing: Tracing | None = None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(an_app(metrics or Metrics(), tracing))
    return httpx.AsyncClient(transport=transport, base_url="http://gateway.test")


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Return what the process would log as JSON, and restore logging afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    logs.configure(Settings(log_format="json", log_level="debug"), stream)
    yield stream
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def test_a_request_has_an_id_that_its_log_lines_and_its_answer_share(logged: io.StringIO) -> None:
    async with a_client() as client:
        answer = await client.post("/graphql", json={"query": "{name}"})
    id = answer.headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", id)
    inside, access = (line for line in lines(logged) if line["logger"] in {"test", "gateway.access"})
    assert inside["request_id"] == access["request_id"] == id
    assert (
        access.items()
        >= {
            "event": "request",
            "level": "info",
            "transport": "http",
            "method": "POST",
            "path": "/graphql",
            "status": 200,
            "bytes": len(answer.content),
            "credential": "pg_test",
            "operation": "query",
        }.items()
    )
    assert access["ms"] > 0


async def test_a_line_after_a_request_is_not_of_that_request(logged: io.StringIO) -> None:
    async with a_client() as client:
        await client.post("/graphql", json={"query": "{name}"})
    structlog.get_logger("test").info("after")
    logging.getLogger("some.library").warning("after")
    inside, access, *after = lines(logged)
    assert "request_id" in inside
    assert "request_id" in access
    assert [(line["logger"], line["level"]) for line in after] == [("test", "info"), ("some.library", "warning")]
    assert not any("request_id" in line for line in after)


def test_a_line_tells_when_it_was_written(logged: io.StringIO) -> None:
    before = datetime.now(UTC)
    structlog.get_logger("test").info("now")
    (line,) = lines(logged)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line["timestamp"])
    written = datetime.fromisoformat(line["timestamp"])
    assert before - timedelta(milliseconds=1) <= written <= datetime.now(UTC)


async def test_requests_are_not_logged_below_the_level(logged: io.StringIO) -> None:
    logs.configure(Settings(log_format="json", log_level="warning"), logged)
    async with a_client() as client:
        await client.post("/graphql", json={"query": "{broken}"})
    assert [line["event"] for line in lines(logged)] == ["fault"]


@pytest.mark.parametrize(
    ("sent", "kept"), [("a-1.B_2", True), ("x" * 65, False), ("a b", False), ('"\u00e9', False), ("", False)]
)
async def test_a_sane_request_id_is_kept(sent: str, kept: bool) -> None:
    async with a_client() as client:
        answer = await client.get("/healthz", headers={"X-Request-ID": sent.encode()})
    assert (answer.headers["x-request-id"] == sent) is kept


async def test_nothing_personal_is_logged(logged: io.StringIO) -> None:
    queries = [
        {"query": f'{{echo(text:"{SECRET}")}}'},
        {"query": "query($t:String!){echo(text:$t) broken}", "variables": {"t": SECRET}},
        {"query": "query($f:Filter!){child(filter:$f){name}}", "variables": {"f": {SECRET: SECRET}}},
        {"query": f'{{nothing(text:"{SECRET}")}}'},
        {"query": f'{{by(key:{{email:"{SECRET}", id:1}})}}'},
    ]
    async with a_client() as client:
        for query in queries:
            headers = {"X-Secret": SECRET, "X-Person": "yes"}
            await client.post(f"/graphql?email={SECRET}", json=query, headers=headers)
    assert len(lines(logged)) >= 2 * len(queries)
    assert any(line["event"] == "fault" for line in lines(logged))
    assert SECRET not in logged.getvalue()
    assert SECRET.split("@")[0] not in logged.getvalue()
    assert "token:" in logged.getvalue()


def test_an_exception_is_logged_without_texts_and_variables(logged: io.StringIO) -> None:
    def read(people: dict[str, str], person: str) -> None:
        try:
            people[person]
        except KeyError as error:
            raise ValueError(f"no {person}") from error

    try:
        read({}, SECRET)
    except ValueError as error:
        fault(error)
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
        logging.getLogger("some.library").warning("failed", exc_info=sys.exc_info())
    for line in lines(logged):
        assert line["exception"].splitlines()[0] == "builtins.ValueError"
        assert "builtins.KeyError" in line["exception"]
        assert " read" in line["exception"]
    assert len(lines(logged)) == 3
    assert SECRET not in logged.getvalue()


def test_libraries_that_quote_what_they_carry_do_not_debug(logged: io.StringIO) -> None:
    for name in ("pymongo.command", "pymongo", "redis", "motor", "httpx", "websockets.server", "strawberry.execution"):
        logging.getLogger(name).debug("command %s", SECRET)
        logging.getLogger(name).info("command %s", SECRET)
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <Task KeyError('%s')>", SECRET)
    assert [line["event"] for line in lines(logged)] == ["Task exception was never retrieved"]


def test_logs_can_be_read_by_people() -> None:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    try:
        logs.configure(Settings(log_format="console", log_level="info"), stream)
        structlog.get_logger("gateway").info("started", port=8000)
        structlog.get_logger("gateway").debug("hidden")
    finally:
        root.handlers = handlers
        root.setLevel(level)
        structlog.reset_defaults()
    (line,) = stream.getvalue().splitlines()
    assert "started" in line
    assert "port=8000" in line


async def test_probes_are_not_in_the_log_of_a_busy_day() -> None:
    with capture_logs() as logged:
        async with a_client() as client:
            await client.get("/healthz")
    assert [line["log_level"] for line in logged] == ["debug"]


async def test_requests_and_operations_are_counted() -> None:
    metrics = Metrics()
    async with a_client(metrics) as client:
        await client.post("/graphql", json={"query": "{name}"})
        await client.post("/graphql", json={"query": "{nothing}"})
        await client.post("/graphql", json={"query": "{broken}"})
        await client.get("/graphql")
        await client.get("/events")
    value = metrics.registry.get_sample_value
    assert value("gateway_requests_total", {"transport": "http", "status": "200"}) == 3
    assert value("gateway_requests_total", {"transport": "http", "status": "405"}) == 1
    assert value("gateway_requests_total", {"transport": "sse", "status": "200"}) == 1
    assert value("gateway_connections_open", {"transport": "sse"}) == 0
    assert value("gateway_operation_seconds_count", {"type": "query", "code": "OK"}) == 1
    assert value("gateway_operation_seconds_count", {"type": "query", "code": "INTERNAL"}) == 1
    assert value("gateway_operation_seconds_count", {"type": "unknown", "code": "GRAPHQL_VALIDATION_FAILED"}) == 1
    assert value("gateway_errors_total", {"code": "GRAPHQL_VALIDATION_FAILED"}) == 1
    assert value("gateway_documents_total", {"cache": "miss"}) == 3


async def test_an_operation_that_is_cancelled_is_counted_as_such() -> None:
    metrics = Metrics()
    asking = asyncio.create_task(ask("{slow}", engine=an_engine(metrics)))
    while metrics.registry.get_sample_value("gateway_operations_running") != 1:
        await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    value = metrics.registry.get_sample_value
    assert value("gateway_operations_running") == 0
    assert value("gateway_operation_seconds_count", {"type": "query", "code": "CANCELLED"}) == 1


async def test_no_label_is_chosen_by_a_client() -> None:
    metrics = Metrics()
    async with a_client(metrics) as client:
        for name in (SECRET, "Spy"):
            query = f'query Spy{{echo(text:"{name}")}}'
            await client.post("/graphql", json={"query": query, "operation_name": "Spy"})
            await client.request(name[:3].upper(), f"/{name}")
    text = metrics.exposition().decode()
    assert "process_cpu_seconds_total" in text
    assert SECRET not in text
    assert "Spy" not in text
    assert "JAN" not in text


async def test_a_span_tells_of_an_operation_and_nothing_personal() -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing(exporter)
    async with a_client(tracing=tracing) as client:
        traced = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
        email = {"query": "query($t:String!){echo(text:$t)}", "variables": {"t": SECRET}}
        await client.post("/graphql", json=email, headers=traced)
        await client.post("/graphql", json={"query": f'{{broken echo(text:"{SECRET}")}}'}, headers={"X-Person": "yes"})
        await client.post("/graphql", json={"query": "{nothing}"}, headers={"traceparent": SECRET})
    tracing.close()
    fine, broken, refused = exporter.get_finished_spans()
    assert fine.name == "graphql query"
    assert f"{fine.context.trace_id:032x}" == TRACE
    assert f"{fine.parent.span_id:016x}" == "b7ad6b7169203331"
    assert dict(fine.attributes).items() >= {"graphql.operation.type": "query", "gateway.code": "OK"}.items()
    assert len(fine.attributes["graphql.document.hash"]) == 16
    assert fine.end_time > fine.start_time
    assert broken.attributes["gateway.code"] == "INTERNAL"
    assert not broken.status.is_ok
    assert refused.attributes["gateway.code"] == "GRAPHQL_VALIDATION_FAILED"
    assert refused.parent is None
    assert SECRET not in "".join(span.to_json() for span in (fine, broken, refused))


async def test_a_collector_without_the_packages_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Tracing.connect(Settings()) is None
    configured = Settings(otel_endpoint="http://127.0.0.1:9")
    tracing_on = Tracing.connect(configured)
    assert tracing_on is not None
    tracing_on.close()
    monkeypatch.setattr(tracing, "INSTALLED", False)
    with pytest.raises(RuntimeError, match=r"profile-gateway\[otel\]"):
        Tracing.connect(configured)


async def test_operations_outside_of_a_request_are_observed_as_well() -> None:
    metrics = Metrics()
    await ask("{name}", engine=Engine(schema, Settings(), make_context, metrics=metrics))
    assert metrics.registry.get_sample_value("gateway_operation_seconds_count", {"type": "query", "code": "OK"}) == 1
