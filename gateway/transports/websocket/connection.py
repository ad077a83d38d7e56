"""One graphql-transport-ws connection: its messages in order, and the reasons for which it closes."""

import asyncio
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from gateway.asgi.direct_socket import send_at_once_of
from gateway.credentials.authentication import bearer
from gateway.state import State
from gateway.transports.websocket.keepalive import Keepalive
from gateway.transports.websocket.messages import (
    FORBIDDEN,
    GOING_AWAY,
    TOO_MANY_INITIALISATIONS,
    TRY_AGAIN_LATER,
    UNAUTHORIZED,
    ClientMessage,
    SocketClosed,
    encode_message,
    operation_of,
    read_message,
)
from gateway.transports.websocket.operations import SocketOperations
from storage.credentials import Credential
from storage.store.errors import UnauthenticatedError, UnavailableError

COMPLETE_SECONDS = 1.0


class Connection:
    """Serves an accepted WebSocket.

    Messages are sent one at a time, each when the client reads it. A slow client delays only its own operations and
    messages, so nothing piles up here.
    """

    def __init__(self, websocket: WebSocket, state: State) -> None:
        self._websocket = websocket
        self._state = state
        self._sending = asyncio.Lock()
        self._initialised = False
        self._credential: Credential | None = None
        send_at_once = send_at_once_of(websocket.scope)
        self._operations = SocketOperations(
            state.engine, self._send, send_at_once, limit=state.settings.socket_max_operations
        )
        self._keepalive = Keepalive(state, self._send, send_at_once)

    async def serve(self) -> None:
        """Serve until the client has gone; raises `SocketClosed` when this side closes it."""
        try:
            with self._keepalive:
                await self._read()
        except SocketClosed as end:
            if end.code == GOING_AWAY:
                await self._complete_all()
            raise
        finally:
            await self._operations.cancel_all()

    async def _read(self) -> None:
        while (frame := await self._websocket.receive())["type"] != "websocket.disconnect":
            message = read_message(frame, limit=self._state.settings.max_body_bytes)
            del frame  # a subscription is often the last message for hours, and there are thousands of them
            await self._handle(message)
            del message

    async def _handle(self, message: ClientMessage) -> None:
        match message.type:
            case "connection_init":
                await self._initialise(message)
            case "subscribe":
                await self._subscribe(message)
            case "complete":
                self._operations.stop(message.id)
            case "ping":
                echo = {} if message.payload is None else {"payload": message.payload}
                await self._send(encode_message("pong", **echo))
            case "pong":
                pass

    async def _initialise(self, message: ClientMessage) -> None:
        if self._initialised:
            raise SocketClosed(TOO_MANY_INITIALISATIONS, "Too many initialisation requests")
        self._initialised = True
        self._keepalive.initialised()
        payload = message.payload or {}
        header = payload.get("Authorization", payload.get("authorization"))
        if header is None:
            header = self._websocket.headers.get("authorization")
        try:
            token = bearer(header if isinstance(header, str) else None)
            credential = await self._state.authenticator.authenticate(token)
        except UnauthenticatedError as error:
            raise SocketClosed(FORBIDDEN, f"Forbidden: {error.message}") from error
        except UnavailableError as error:
            raise SocketClosed(TRY_AGAIN_LATER, error.message) from error
        self._credential = credential
        self._keepalive.authenticated(token, credential)
        await self._send(encode_message("connection_ack"))

    async def _subscribe(self, message: ClientMessage) -> None:
        if self._credential is None:
            raise SocketClosed(UNAUTHORIZED, "Unauthorized: send connection_init and wait for connection_ack")
        await self._operations.start(message.id, operation_of(message), self._credential)

    async def _complete_all(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(COMPLETE_SECONDS):
                await self._operations.complete_all()

    async def _send(self, text: str) -> None:
        """Send when the client reads; nothing to a client that has gone, since receiving ends the connection then."""
        async with self._sending:
            with suppress(WebSocketDisconnect, WebSocketDisconnected):
                await self._websocket.send_text(text)
