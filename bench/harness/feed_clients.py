"""Clients of a feed, over graphql-transport-ws and over graphql-sse: what they are told, and how it ends."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from bench.harness.gateways import TLS

FEED = """subscription ($id: ID!, $after: Cursor) { activity(profileId: $id, after: $after, filter: {kinds: [EVENT]}) {
  cursor node { ... on Event { uuid params } } } }"""
WIDE = FEED.replace("params", "params a: params b: params c: params")
LOST = "LOST"
NARROW = 4096
SILENCE_SECONDS = 30.0

Variables = Mapping[str, Any]
Client = Callable[[str, str, Variables], AsyncGenerator[Any, None]]


class Ended(Exception):  # noqa: N818 - every feed ends, and most of them as they should
    """A stream is over: `code` is that of an error, or of the socket's close frame, or LOST when nothing was said.

    `completed` tells whether the gateway said that the subscription is complete, `cursor` where it says to resume.
    """

    def __init__(self, code: str, reason: str, *, completed: bool = False, cursor: str | None = None) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason
        self.completed = completed
        self.cursor = cursor


def ended_by(errors: Sequence[Mapping[str, Any]], *, completed: bool = False) -> Ended:
    (error,) = errors
    told = error["extensions"]
    return Ended(told["code"], error["message"], completed=completed, cursor=told.get("cursor"))


async def over_websocket(
    address: str, token: str, variables: Variables, *, query: str = FEED, narrow: bool = True
) -> AsyncGenerator[Any, None]:
    """Yield the entries of a feed as they come, until `Ended`; who is cancelled goes without a word.

    A `narrow` one leaves the system little room for what it has not read yet, so that it is the gateway's queue that
    fills. One that is not is quick even while other processes have the machine.
    """
    link = None
    try:
        async with await opened(address, narrow=narrow) as link:
            await say(link, "connection_init", payload={"Authorization": f"Bearer {token}"})
            async for entry in conversation(link, query, variables):
                yield entry
    except asyncio.CancelledError:
        if link is not None:
            link.transport.abort()
        raise
    except (OSError, WebSocketException) as error:
        raise Ended(LOST, str(error)) from error


async def opened(address: str, *, narrow: bool) -> connect:
    url = httpx.URL(address)
    endpoint = socket.socket()
    if narrow:
        endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW)
    endpoint.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(endpoint, (url.host, url.port))
    except OSError:
        endpoint.close()
        raise
    return connect(
        f"ws://{url.netloc.decode()}/graphql",
        sock=endpoint,
        subprotocols=["graphql-transport-ws"],
        compression=None,
        ping_interval=None,
        max_queue=1,
    )


async def conversation(link: ClientConnection, query: str, variables: Variables) -> AsyncGenerator[Any, None]:
    completed = False
    try:
        while True:
            message = json.loads(await link.recv())
            match message["type"]:
                case "connection_ack":
                    await say(link, "subscribe", id="1", payload={"query": query, "variables": variables})
                case "ping":
                    await say(link, "pong")
                case "next":
                    yield entry_in(message["payload"])
                case "error":
                    raise ended_by(message["payload"])
                case "complete":
                    completed = True
    except ConnectionClosed as closed:
        if closed.rcvd is None:
            raise Ended(LOST, "The connection broke.") from closed
        raise Ended(str(closed.rcvd.code), closed.rcvd.reason, completed=completed) from closed


async def say(link: ClientConnection, type: str, **fields: Any) -> None:
    await link.send(json.dumps({"type": type, **fields}))


async def over_sse(address: str, token: str, variables: Variables, *, query: str = FEED) -> AsyncGenerator[Any, None]:
    """Do the same by server-sent events."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    request = {"query": query, "variables": variables}
    try:
        async with (
            httpx.AsyncClient(verify=TLS, timeout=SILENCE_SECONDS, headers=headers) as client,
            client.stream("POST", f"{address}/graphql", json=request) as response,
        ):
            if not response.is_success:
                raise ended_by(json.loads(await response.aread())["errors"])
            async for entry in events_of(response):
                yield entry
    except httpx.TransportError as error:
        raise Ended(LOST, str(error)) from error
    raise Ended(LOST, "The response ended.")


async def events_of(response: httpx.Response) -> AsyncGenerator[Any, None]:
    errors = None
    async for line in response.aiter_lines():
        if line.startswith("data: {"):
            payload = json.loads(line.removeprefix("data: "))
            if "data" in payload:
                yield entry_in(payload)
            else:
                errors = payload["errors"]
        elif line == "event: complete" and errors:
            raise ended_by(errors, completed=True)


def entry_in(payload: Mapping[str, Any]) -> Any:
    assert "errors" not in payload, payload
    (entry,) = payload["data"].values()
    return entry
