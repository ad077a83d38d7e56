"""GraphQL over server-sent events, in the distinct connections mode of the graphql-sse protocol."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from typing import Any

from starlette.types import Receive, Scope, Send

from gateway.execution.operation import Result
from gateway.transports.negotiation import EVENT_STREAM
from gateway.transports.responses import errors_of
from gateway.transports.waiting import disconnected, first
from storage.store.errors import GatewayError, UnavailableError

HEADERS = [
    (b"content-type", f"{EVENT_STREAM}; charset=utf-8".encode()),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]
COMPLETE = b"event: complete\ndata: \n\n"  # browsers do not dispatch an event without a data line
HEARTBEAT = b":\n\n"


def next_event(result: Result) -> bytes:
    """Frame one result; lines end in LF alone, since not every client takes CRLF."""
    return b"event: next\ndata: %b\n\n" % result.encoded


def farewell(error: Exception) -> bytes:
    """Frame the reason why a stream ends before its operation does."""
    return next_event(Result(errors_of(error), executed=False)) + COMPLETE


class EventStream:
    """The ASGI response that sends each result as it comes, for as long as the client is there and welcome.

    Also what was wrong with the document is told in a `next` event, as the protocol says: the status is sent by then.
    """

    def __init__(
        self,
        results: AsyncGenerator[Result, None],
        *,
        closing: asyncio.Event,
        refused: Callable[[], Coroutine[Any, Any, GatewayError]],
        heartbeat: float,
    ) -> None:
        self._results = results
        self._closing = closing
        self._refused = refused
        self._heartbeat = heartbeat

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        async def write(frame: bytes) -> None:
            await send({"type": "http.response.body", "body": frame, "more_body": True})

        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        last = await first(
            self._send_results(write),
            self._send_heartbeats(write),
            self._wait_for_shutdown(),
            self._wait_for_refusal(),
            self._wait_for_disconnect(receive),
        )
        await send({"type": "http.response.body", "body": last, "more_body": False})

    async def _send_results(self, write: Callable[[bytes], Coroutine[Any, Any, None]]) -> bytes:
        try:
            async with aclosing(self._results) as results:
                async for result in results:
                    await write(next_event(result))
        except Exception as error:  # noqa: BLE001 - rendering it logs it, and masks it unless it is meant for clients
            return farewell(error)
        return COMPLETE

    async def _send_heartbeats(self, write: Callable[[bytes], Coroutine[Any, Any, None]]) -> bytes:
        while True:
            await asyncio.sleep(self._heartbeat)
            await write(HEARTBEAT)

    async def _wait_for_shutdown(self) -> bytes:
        await self._closing.wait()
        return farewell(UnavailableError("The gateway is shutting down; connect again."))

    async def _wait_for_refusal(self) -> bytes:
        return farewell(await self._refused())

    async def _wait_for_disconnect(self, receive: Receive) -> bytes:
        await disconnected(receive)
        return b""
