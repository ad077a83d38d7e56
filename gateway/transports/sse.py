"""GraphQL over server-sent events, in the distinct connections mode of the graphql-sse protocol."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from typing import Any

from starlette.types import Receive, Scope, Send

from gateway.asgi.disconnects import disconnected
from gateway.concurrency.tasks import first_completed
from gateway.execution.operation import Result
from gateway.transports.negotiation import EVENT_STREAM
from gateway.transports.responses import errors_of, shutting_down, stream_headers
from storage.store.errors import GatewayError

COMPLETE = b"event: complete\ndata: \n\n"  # browsers do not dispatch an event without a data line
HEARTBEAT = b":\n\n"


def next_event(result: Result) -> bytes:
    """Frame one result; lines end in LF alone, since not every client accepts CRLF."""
    return b"event: next\ndata: %b\n\n" % result.encoded


def final_event(error: Exception) -> bytes:
    """Frame the error that ends a stream before its operation is complete."""
    return next_event(Result(errors_of(error), executed=False)) + COMPLETE


class EventStream:
    """The ASGI response that sends each result as it comes, until the client goes or its credential is refused.

    Errors in the document are sent as a `next` event too, as the protocol says: the status is sent by then.
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

        await send({"type": "http.response.start", "status": 200, "headers": stream_headers(EVENT_STREAM)})
        last = await first_completed(
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
            return final_event(error)
        return COMPLETE

    async def _send_heartbeats(self, write: Callable[[bytes], Coroutine[Any, Any, None]]) -> bytes:
        while True:
            await asyncio.sleep(self._heartbeat)
            await write(HEARTBEAT)

    async def _wait_for_shutdown(self) -> bytes:
        await self._closing.wait()
        return final_event(shutting_down())

    async def _wait_for_refusal(self) -> bytes:
        return final_event(await self._refused())

    async def _wait_for_disconnect(self, receive: Receive) -> bytes:
        await disconnected(receive)
        return b""
