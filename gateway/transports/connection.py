"""One graphql-transport-ws conversation: its messages in order, and the reasons for which it ends."""

import asyncio
from contextlib import suppress
from typing import NoReturn

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from gateway.credentials.authentication import bearer
from gateway.state import State
from gateway.transports.credential_watch import until_refused
from gateway.transports.socket_messages import (
    FORBIDDEN,
    GOING_AWAY,
    INITIALISATION_TIMEOUT,
    TOO_MANY_INITIALISATIONS,
    TRY_AGAIN_LATER,
    UNAUTHORIZED,
    ClientMessage,
    SocketClosed,
    operation_of,
    read_message,
)
from gateway.transports.socket_messages import message as told
from gateway.transports.socket_operations import SocketOperations
from gateway.transports.waiting import first
from storage.credentials import Credential
from storage.errors import UnauthenticatedError, UnavailableError


class Connection:
    """Serves an accepted WebSocket.

    Messages go out one at a time, each when the client takes it. What a slow client makes wait is its own
    operations and its own messages, so nothing piles up here.
    """

    def __init__(self, websocket: WebSocket, state: State) -> None:
        self._websocket = websocket
        self._state = state
        self._settings = state.settings
        self._sending = asyncio.Lock()
        self._initialised = asyncio.Event()
        self._admitted: asyncio.Future[tuple[str, Credential]] = asyncio.get_running_loop().create_future()
        self._operations = SocketOperations(state.engine, self._send, limit=state.settings.socket_max_operations)

    async def serve(self) -> None:
        """Serve until the client has gone; raises `SocketClosed` when this side ends it."""
        try:
            await first(self._read(), self._watch_credential(), self._ping(), self._watch_shutdown())
        finally:
            await self._operations.cancel_all()

    async def _read(self) -> None:
        while (frame := await self._websocket.receive())["type"] != "websocket.disconnect":
            await self._handle(read_message(frame, limit=self._settings.max_body_bytes))

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
                await self._send(told("pong", **echo))
            case "pong":
                pass

    async def _initialise(self, message: ClientMessage) -> None:
        if self._initialised.is_set():
            raise SocketClosed(TOO_MANY_INITIALISATIONS, "Too many initialisation requests")
        self._initialised.set()
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
        self._admitted.set_result((token, credential))
        await self._send(told("connection_ack"))

    async def _subscribe(self, message: ClientMessage) -> None:
        if not self._admitted.done():
            raise SocketClosed(UNAUTHORIZED, "Unauthorized: send connection_init and wait for connection_ack")
        _, credential = self._admitted.result()
        await self._operations.start(message.id, operation_of(message), credential)

    async def _watch_credential(self) -> NoReturn:
        try:
            async with asyncio.timeout(self._settings.socket_init_timeout):
                await self._initialised.wait()
        except TimeoutError as error:
            raise SocketClosed(INITIALISATION_TIMEOUT, "Connection initialisation timeout") from error
        token, credential = await self._admitted
        every = self._settings.credential_cache_seconds
        refusal = await until_refused(self._state.authenticator, token, credential, every=every)
        raise SocketClosed(FORBIDDEN, f"Forbidden: {refusal.message}")

    async def _ping(self) -> NoReturn:
        while True:
            await asyncio.sleep(self._settings.heartbeat_seconds)
            try:
                async with asyncio.timeout(self._settings.slow_client_seconds):
                    await self._send(told("ping"))
            except TimeoutError as error:
                raise SocketClosed(TRY_AGAIN_LATER, "Messages are not being read") from error

    async def _watch_shutdown(self) -> NoReturn:
        await self._state.closing.wait()
        await self._operations.complete_all()
        raise SocketClosed(GOING_AWAY, "The gateway is shutting down; connect again")

    async def _send(self, text: str) -> None:
        """Send when the client takes it; to a client that has gone, nothing, since the reader ends this then."""
        async with self._sending:
            with suppress(WebSocketDisconnect, WebSocketDisconnected):
                await self._websocket.send_text(text)
