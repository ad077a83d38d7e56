"""The gateway served by uvicorn: its socket, its published address, and its graceful shutdown."""

import asyncio
import math
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from gateway.asgi.direct_socket import DirectSocket
from gateway.errors import OperatorError
from gateway.settings import Settings

log = structlog.get_logger(__name__)

CLOSE_SECONDS = 1.0
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - how to name them; nothing listens there


class ServeError(OperatorError):
    """The gateway cannot serve."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on `port`, or on a free one for 0."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, UnicodeError) as error:
        raise ServeError(
            f"Cannot listen on port {port} of {host}: {error}. "
            "Set GATEWAY_PORT (--port) to another port, or to 0 for a free one; GATEWAY_HOST (--host) is the address."
        ) from error


def address_of(listener: socket.socket) -> str:
    """Return the URL by which a client on this machine reaches the socket."""
    host, port = listener.getsockname()[:2]
    host = WILDCARDS.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def withdraw(file: Path) -> None:
    """Remove the published address, which a process that was killed may have left."""
    with suppress(OSError):
        file.unlink()


def publish(address: str, file: Path) -> None:
    """Write the address for scripts that asked for a free port; on a read-only disk it is only logged."""
    complete = file.with_suffix(".new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        complete.write_text(f"{address}\n")
        complete.replace(file)
    except OSError as error:
        log.warning("address_not_written", file=str(file), reason=error.strerror)


def uvicorn_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws=DirectSocket,
        ws_per_message_deflate=False,  # it would compress each message anew for each of its receivers
        ws_max_size=settings.max_body_bytes,
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=math.ceil(settings.shutdown_grace),
    )


class Server(uvicorn.Server):
    """Uvicorn without its signal handlers, which `supervise` has, and with a reason for the streams that it closes."""

    def __init__(self, app: Starlette, settings: Settings, on_ready: Callable[[], None]) -> None:
        self._app = app
        self._on_ready = on_ready
        super().__init__(uvicorn_config(app, settings))

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit:
            raise ServeError("The gateway could not start; the lines above say why.") from None
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more connections, let streams and WebSockets close by themselves, then close what is left."""
        for server in self.servers:
            server.close()
        self._app.state.gateway.closing.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                while self.has_sockets():  # noqa: ASYNC110 - uvicorn has no event for it
                    await asyncio.sleep(0.02)
        await super().shutdown(sockets)

    def has_sockets(self) -> bool:
        protocol = self.config.ws_protocol_class
        return protocol is not None and any(isinstance(each, protocol) for each in self.server_state.connections)


async def serve_until_cancelled(
    settings: Settings, app: Starlette, listener: socket.socket, *, on_ready: Callable[[], None] = lambda: None
) -> None:
    """Serve `app` on `listener`. The first cancellation ends it within `shutdown_grace`, the second at once."""
    address, file = address_of(listener), settings.data_dir / "address"

    def ready() -> None:
        publish(address, file)
        log.info("serving", address=address)
        on_ready()

    withdraw(file)
    server = Server(app, settings, ready)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not serving.done():
            try:
                await asyncio.shield(serving)
            except asyncio.CancelledError:
                server.force_exit = server.should_exit
                server.should_exit = True
        await serving
    finally:
        withdraw(file)
        log.info("stopped")
