"""One id, one log line and one count for every request; nothing of what was asked or answered."""

import os
import re
import time
from collections.abc import Awaitable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.telemetry.logs import request_id
from gateway.telemetry.metrics import Metrics
from gateway.transports.direct_socket import SEND_AT_ONCE, SendAtOnce, send_at_once_of
from gateway.transports.headers import first
from storage.credentials import Credential, CredentialKind

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
CONFIRM = "/confirm/"
OPENINGS = {"http.response.start", "websocket.accept", "websocket.http.response.start"}  # messages with headers
QUIET = {"/healthz", "/readyz", "/metrics"}  # asked every few seconds; logged for those who debug


@dataclass(slots=True)
class Exchange:
    """What becomes known about a request while it runs; one object for all tasks that serve it."""

    traceparent: str | None = None
    credential: str | None = None
    operation: str | None = None
    transport: str = "http"
    status: int = 500
    bytes: int = 0
    opened: bool = False


exchange: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


def note(*, credential: Credential | None = None, operation: str | None = None) -> None:
    """Tell the log line of the request that runs now who asked, and what type of operation."""
    current = exchange.get()
    if current is not None and credential is not None:
        current.credential = name_of(credential)
    if current is not None and operation is not None:
        current.operation = operation


def name_of(credential: Credential) -> str:
    """Return what logs call a credential: a key's public prefix, or a hash of a token's subject, who is a person."""
    if credential.kind is CredentialKind.API_KEY:
        return credential.id
    return "token:" + blake2b(credential.id.encode(), digest_size=6).hexdigest()


def path_told(path: str) -> str:
    """Return a path as logs may keep it: the token of a confirmation link is as good as a click on it."""
    return f"{CONFIRM}..." if path.startswith(CONFIRM) else path


def id_of(given: str | None) -> str:
    """Return the id that the client gave its request when it is sane, or a new one."""
    return given if given and REQUEST_ID.fullmatch(given) else os.urandom(16).hex()


def counting(send_at_once: SendAtOnce, seen: Exchange) -> SendAtOnce:
    def counted(texts: Sequence[bytes]) -> bool:
        if not send_at_once(texts):
            return False
        seen.bytes += sum(map(len, texts))
        return True

    return counted


class Telemetry:
    """Pure ASGI middleware around everything; a request id that a client sent is kept when it is sane."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._count = cache(metrics.requests.labels)
        self._timing = cache(metrics.request_seconds.labels)
        self._log = structlog.get_logger("gateway.access").bind()  # once: there is a line for each request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        id = id_of(first(scope["headers"], b"x-request-id"))
        seen = Exchange(traceparent=first(scope["headers"], b"traceparent"), transport=scope["type"])

        def observed(message: Message) -> Awaitable[None]:
            if message["type"] in OPENINGS:
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", id.encode())]
            self._observe(message, seen)
            return send(message)

        if scope["type"] == "websocket":
            seen.status = 101
            scope["extensions"][SEND_AT_ONCE] = counting(send_at_once_of(scope), seen)
        tokens = exchange.set(seen), request_id.set(id)
        started = time.perf_counter()
        try:
            await self._app(scope, receive, observed)
        finally:
            self._finish(scope, seen, time.perf_counter() - started)
            exchange.reset(tokens[0])
            request_id.reset(tokens[1])
        return None

    def _observe(self, message: Message, seen: Exchange) -> None:
        match message["type"]:
            case "http.response.start":
                seen.status = message["status"]
                if (first(message["headers"], b"content-type") or "").startswith("text/event-stream"):
                    seen.transport = "sse"
                    self._open(seen)
            case "http.response.body":
                seen.bytes += len(message.get("body", b""))
            case "websocket.accept":
                self._open(seen)
            case "websocket.send":
                seen.bytes += len(message.get("text") or message.get("bytes") or "")
            case "websocket.http.response.start":
                seen.status = message["status"]
            case "websocket.close" if not seen.opened:
                seen.status = 403

    def _open(self, seen: Exchange) -> None:
        seen.opened = True
        self._metrics.connections_open.labels(seen.transport).inc()

    def _finish(self, scope: Scope, seen: Exchange, seconds: float) -> None:
        if seen.opened:
            self._metrics.connections_open.labels(seen.transport).dec()
        else:
            self._timing(seen.transport).observe(seconds)
        self._count(seen.transport, str(seen.status)).inc()
        write = self._log.debug if scope["path"] in QUIET else self._log.info
        write(
            "request",
            transport=seen.transport,
            method=scope.get("method", "GET"),
            path=path_told(scope["path"]),
            status=seen.status,
            ms=round(seconds * 1000, 1),
            bytes=seen.bytes,
            credential=seen.credential,
            operation=seen.operation,
        )
