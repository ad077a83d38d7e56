"""The WebSocket endpoint: which origins may connect, by which subprotocol, and how a connection is closed."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from gateway.execution.faults import fault
from gateway.state import State
from gateway.transports.responses import error_response
from gateway.transports.websocket.connection import Connection
from gateway.transports.websocket.messages import INTERNAL_ERROR, PROTOCOL, SUBPROTOCOL_NOT_ACCEPTABLE, SocketClosed
from storage.store.errors import ForbiddenError

CLOSE_SECONDS = 2.0


async def graphql_socket(websocket: WebSocket) -> None:
    """Serve graphql-transport-ws on /graphql."""
    state: State = websocket.app.state.gateway
    if not is_allowed(websocket, state.settings.cors_origins):
        refusal = ForbiddenError("Pages of this origin may not connect; GATEWAY_CORS_ORIGINS lists those that may.")
        await websocket.send_denial_response(error_response(refusal))
        return
    if PROTOCOL not in websocket.scope["subprotocols"]:
        await websocket.accept()
        await close(websocket, SocketClosed(SUBPROTOCOL_NOT_ACCEPTABLE, f"Subprotocol not acceptable: use {PROTOCOL}"))
        return
    await websocket.accept(subprotocol=PROTOCOL)
    try:
        await Connection(websocket, state).serve()
    except SocketClosed as end:
        await close(websocket, end)
    except Exception as error:  # noqa: BLE001 - it is logged, and a socket must not close without a code
        masked = fault(error)
        await close(websocket, SocketClosed(INTERNAL_ERROR, f"{masked.message} ({masked.details['id']})"))


def is_allowed(websocket: WebSocket, origins: tuple[str, ...]) -> bool:
    """Return whether the page that connects may: browsers let every page open a socket to anywhere.

    Programs other than browsers send no Origin, and may connect.
    """
    origin = websocket.headers.get("origin")
    if origin is None or origin in origins or "*" in origins:
        return True
    return urlsplit(origin).netloc == websocket.headers.get("host")


async def close(websocket: WebSocket, end: SocketClosed) -> None:
    """Send the close frame, unless the client has gone or no longer reads."""
    with suppress(WebSocketDisconnect, WebSocketDisconnected, TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await websocket.close(end.code, end.reason)
