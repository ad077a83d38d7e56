"""`POST /ingest/events`: a stream of events comes in, and a line with the result of each goes back."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.asgi.bodies import check_content_length, decompress, stream_body
from gateway.asgi.disconnects import disconnected
from gateway.concurrency.tasks import first_completed
from gateway.credentials.authentication import bearer
from gateway.endpoints.splitters import Elements, Lines, Splitter, Text
from gateway.state import State
from gateway.telemetry.records import note
from gateway.transports.negotiation import is_json
from gateway.transports.responses import errors_of, shutting_down, stream_headers
from resolvers.context import Context
from resolvers.ingestion.ingest import ingest
from resolvers.ingestion.results import rejected
from storage import credentials
from storage.actors import acting
from storage.events import EventResult
from storage.sources import ChangeSource
from storage.store.errors import ErrorCode, GatewayError
from storage.store.refusals import RefusedError, UserErrorCode, refuse
from storage.store.workspace import Workspace

NDJSON = "application/x-ndjson"
CHUNK_EVENTS = 500
CHUNK_BYTES = 1_048_576
Chunk = list[Text]


async def ingest_events(request: Request) -> ASGIApp:
    """Refuse what can be refused before the body is read; errors after that are in the lines of the response."""
    state: State = request.app.state.gateway
    token = bearer(request.headers.get("authorization"))
    credential = await admit(state, token)
    note(credential=credential, operation="ingestion")
    state.monitor.require_store()
    splitter = splitter_of(request.headers.get("content-type"), longest=state.settings.max_event_bytes)
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise GatewayError("The Content-Encoding must be gzip or none.", code=ErrorCode.UNSUPPORTED_MEDIA_TYPE)
    check_content_length(request.headers.get("content-length"), limit=state.settings.max_ingest_bytes)
    return Ingestion(state, token, splitter, is_compressed=encoding == "gzip")


async def admit(state: State, token: str) -> credentials.Credential:
    credential = await state.authenticator.authenticate(token)
    credential.require(credentials.Scope.EVENTS_WRITE)
    return credential


def splitter_of(content_type: str | None, *, longest: int) -> Splitter:
    if is_json(content_type):
        return Elements(longest)
    if (content_type or "").partition(";")[0].strip().lower() == NDJSON:
        return Lines(longest)
    raise GatewayError(
        f"The Content-Type must be {NDJSON} or application/json, in UTF-8.", code=ErrorCode.UNSUPPORTED_MEDIA_TYPE
    )


class Ingestion:
    """The ASGI response that reads a chunk, writes its events, sends their results, and then takes the next.

    One more chunk is read meanwhile, and no further. The last line says why it ended early, if it did, and from which
    line to retry; events before that which come again are duplicates.
    """

    def __init__(self, state: State, token: str, splitter: Splitter, *, is_compressed: bool) -> None:
        self._state = state
        self._token = token
        self._splitter = splitter
        self._is_compressed = is_compressed
        self._limit = state.settings.max_ingest_bytes
        self._next_line = 1
        self._counts: Counter[EventResult] = Counter()

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        chunks: asyncio.Queue[Chunk | GatewayError | None] = asyncio.Queue(1)
        await send({"type": "http.response.start", "status": 200, "headers": stream_headers(NDJSON)})
        last = await first_completed(
            self._write_all(chunks, send), self._read(receive, chunks), self._wait_for_shutdown()
        )
        await send({"type": "http.response.body", "body": last, "more_body": False})

    async def _read(self, receive: Receive, chunks: asyncio.Queue[Chunk | GatewayError | None]) -> bytes:
        """Queue chunks as they arrive, and return once the client has gone."""
        try:
            async for chunk in self._chunks(receive):
                await chunks.put(chunk)
            await chunks.put(None)
        except GatewayError as error:
            await chunks.put(error)
        except ClientDisconnect:
            return b""
        await disconnected(receive)
        return b""

    async def _chunks(self, receive: Receive) -> AsyncIterator[Chunk]:
        pieces = stream_body(receive, limit=self._limit)
        chunk: Chunk = []
        size = 0
        async for piece in decompress(pieces, limit=self._limit) if self._is_compressed else pieces:
            for text in self._splitter.feed(piece):
                chunk.append(text)
                size += len(text[1] or b"")
                if len(chunk) == CHUNK_EVENTS or size > CHUNK_BYTES:
                    yield chunk
                    chunk, size = [], 0
        chunk += self._splitter.close()
        if chunk:
            yield chunk

    async def _write_all(self, chunks: asyncio.Queue[Chunk | GatewayError | None], send: Send) -> bytes:
        try:
            while (chunk := await chunks.get()) is not None:
                if isinstance(chunk, GatewayError):
                    return self._stopped(chunk)
                body = await self._write(chunk)
                await send({"type": "http.response.body", "body": body, "more_body": True})
        except Exception as error:  # noqa: BLE001 - rendering it logs it, and masks it unless it is meant for clients
            return self._stopped(error)
        counts = {result.value.lower(): self._counts[result] for result in EventResult}
        return line({"status": "DONE", "events": self._counts.total(), **counts})

    async def _write(self, chunk: Chunk) -> bytes:
        """Write the events of a chunk and return the lines of their results."""
        state = self._state
        credential = await admit(state, self._token)
        context = Context(credential, Workspace(state.database, credential.workspace), bus=state.bus)
        events: dict[int, Any] = {}
        outcomes: dict[int, Mapping[str, Any]] = {}
        for number, text in chunk:
            try:
                events[number] = parse(text)
            except RefusedError as refused:
                outcomes[number] = rejected(context, refused.errors[0])
        results = await ingest(context, acting(credential, ChangeSource.API), list(events.values()))
        outcomes.update(zip(events, results, strict=True))
        self._counts.update(result["status"] for result in outcomes.values())
        self._next_line = chunk[-1][0] + 1
        return b"".join(
            line({"line": number, **{key: value for key, value in outcomes[number].items() if value}})
            for number, _ in chunk
        )

    async def _wait_for_shutdown(self) -> bytes:
        await self._state.closing.wait()
        return self._stopped(shutting_down())

    def _stopped(self, error: Exception) -> bytes:
        (rendered,) = errors_of(error)["errors"]
        reason = {**rendered["extensions"], "message": rendered["message"]}
        return line({"status": "STOPPED", **reason, "retryFromLine": self._next_line})


def parse(text: bytes | None) -> Any:
    if text is None:
        raise refuse(UserErrorCode.TOO_LONG, [], "The text of this event is over the limit.")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise refuse(UserErrorCode.INVALID_VALUE, [], f"This is not valid JSON: {error}.") from error


def line(content: Mapping[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)
