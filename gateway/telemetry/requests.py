"""One id, one log line and one count for every request, without anything of its content."""

import os
import re
import time
from collections.abc import Awaitable, Sequence
from functools import cache

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.asgi.direct_socket import SEND_AT_ONCE, SendAtOnce, send_at_once_of
from gateway.asgi.headers import get_header
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.records import Exchange, current_exchange

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
CONFIRM = "/confirm/"
OPENINGS = {"http.response.start", "websocket.accept", "websocket.http.response.start"}  # messages with headers
QUIET = {"/healthz", "/readyz", "/metrics"}  # asked for every few seconds, so that they are logged at the level debug


def redact(path: str) -> str:
    """Return a path as logs may keep it: whoever has the token of a confirmation link can use the link."""
    return f"{CONFIRM}..." if path.startswith(CONFIRM) else path


def request_id(header: str | None) -> str:
    """Return the id in the header `X-Request-Id` if it is well-formed, else a new one."""
    return header if header and REQUEST_ID.fullmatch(header) else os.urandom(16).hex()


def counting(send_at_once: SendAtOnce, exchange: Exchange) -> SendAtOnce:
    def counted(texts: Sequence[bytes]) -> bool:
        if not send_at_once(texts):
            return False
        exchange.bytes += sum(map(len, texts))
        return True

    return counted


class Telemetry:
    """Pure ASGI middleware around everything; a well-formed request id of the client is kept."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._count = cache(metrics.requests.labels)
        self._timing = cache(metrics.request_seconds.labels)
        self._log = structlog.get_logger("gateway.access").bind()  # once: there is a line for each request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        headers = scope["headers"]
        exchange = Exchange(
            request_id(get_header(headers, b"x-request-id")),
            traceparent=get_header(headers, b"traceparent"),
            transport=scope["type"],
        )

        def observed(message: Message) -> Awaitable[None]:
            if message["type"] in OPENINGS:
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", exchange.id.encode())]
            self._observe(message, exchange)
            return send(message)

        if scope["type"] == "websocket":
            exchange.status = 101
            scope["extensions"][SEND_AT_ONCE] = counting(send_at_once_of(scope), exchange)
        token = current_exchange.set(exchange)
        started = time.perf_counter()
        try:
            await self._app(scope, receive, observed)
        finally:
            self._finish(scope, exchange, time.perf_counter() - started)
            current_exchange.reset(token)
        return None

    def _observe(self, message: Message, exchange: Exchange) -> None:
        match message["type"]:
            case "http.response.start":
                exchange.status = message["status"]
                if (get_header(message["headers"], b"content-type") or "").startswith("text/event-stream"):
                    exchange.transport = "sse"
                    self._open(exchange)
            case "http.response.body":
                exchange.bytes += len(message.get("body", b""))
            case "websocket.accept":
                self._open(exchange)
            case "websocket.send":
                exchange.bytes += len(message.get("text") or message.get("bytes") or "")
            case "websocket.http.response.start":
                exchange.status = message["status"]
            case "websocket.close" if not exchange.opened:
                exchange.status = 403

    def _open(self, exchange: Exchange) -> None:
        exchange.opened = True
        self._metrics.connections_open.labels(exchange.transport).inc()

    def _finish(self, scope: Scope, exchange: Exchange, seconds: float) -> None:
        if exchange.opened:
            self._metrics.connections_open.labels(exchange.transport).dec()
        else:
            self._timing(exchange.transport).observe(seconds)
        self._count(exchange.transport, str(exchange.status)).inc()
        write = self._log.debug if scope["path"] in QUIET else self._log.info
        write(
            "request",
            transport=exchange.transport,
            method=scope.get("method", "GET"),
            path=redact(scope["path"]),
            status=exchange.status,
            ms=round(seconds * 1000, 1),
            bytes=exchange.bytes,
            credential=exchange.credential,
            operation=exchange.operation,
        )
