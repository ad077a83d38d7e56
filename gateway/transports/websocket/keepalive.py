"""What happens to a WebSocket while it is read from: pings, and the reasons to close it that come from elsewhere.

Thousands of connections are idle, so all of this is timers and shared watches: a task for each would be most of what
a connection costs.
"""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from gateway.asgi.direct_socket import SendAtOnce
from gateway.state import State
from gateway.transports.websocket.messages import (
    FORBIDDEN,
    GOING_AWAY,
    INITIALISATION_TIMEOUT,
    TRY_AGAIN_LATER,
    SocketClosed,
    encode_message,
)
from storage.credentials import Credential
from storage.store.errors import UnauthenticatedError

PING = encode_message("ping")


class Keepalive:
    """Keeps a connection alive while a block reads from it; when it has to close, the block raises `SocketClosed`."""

    __slots__ = (
        "_cleanups",
        "_end",
        "_heartbeat",
        "_send",
        "_send_at_once",
        "_slow_ping",
        "_state",
        "_task",
        "_timer",
    )

    def __init__(self, state: State, send: Callable[[str], Awaitable[None]], send_at_once: SendAtOnce) -> None:
        self._state = state
        self._send = send
        self._send_at_once = send_at_once
        self._cleanups: list[Callable[[], None]] = []
        self._end: SocketClosed | None = None
        self._slow_ping: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        loop, settings = asyncio.get_running_loop(), self._state.settings
        self._task = asyncio.current_task()
        self._timer = loop.call_later(
            settings.socket_init_timeout, self._stop, INITIALISATION_TIMEOUT, "Connection initialisation timeout"
        )
        self._heartbeat = loop.call_later(settings.heartbeat_seconds, self._ping)
        self._cleanups.append(self._state.closing.register(self._close))
        return self

    def __exit__(self, _type: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        task, self._task = self._task, None
        self._timer.cancel()
        self._heartbeat.cancel()
        if self._slow_ping is not None:
            self._slow_ping.cancel()
        for cleanup in self._cleanups:
            cleanup()
        # The task may have been cancelled by others too, and then stays so.
        if self._end is not None and task is not None and not task.uncancel():
            raise self._end from error

    def initialised(self) -> None:
        """Stop the timer: the client has sent connection_init."""
        self._timer.cancel()

    def authenticated(self, token: str, credential: Credential) -> None:
        """Close the connection once the credential is refused."""
        self._cleanups.append(self._state.credential_watches.watch(token, credential, self._refuse))

    def _stop(self, code: int, reason: str) -> None:
        if self._end is None and self._task is not None:
            self._end = SocketClosed(code, reason)
            self._task.cancel()

    def _refuse(self, refusal: UnauthenticatedError) -> None:
        self._stop(FORBIDDEN, f"Forbidden: {refusal.message}")

    def _close(self) -> None:
        self._stop(GOING_AWAY, "The gateway is shutting down; connect again")

    def _ping(self) -> None:
        loop, settings = asyncio.get_running_loop(), self._state.settings
        self._heartbeat = loop.call_later(settings.heartbeat_seconds, self._ping)
        if self._slow_ping is None and not self._send_at_once([PING.encode()]):
            self._slow_ping = asyncio.create_task(self._ping_slowly())

    async def _ping_slowly(self) -> None:
        try:
            async with asyncio.timeout(self._state.settings.slow_client_seconds):
                await self._send(PING)
        except TimeoutError:
            self._stop(TRY_AGAIN_LATER, "Messages are not being read")
        self._slow_ping = None
