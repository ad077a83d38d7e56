"""Uvicorn's WebSocket with a way to send at once, which costs a delivery to thousands a fraction of awaiting `send`.

It uses internals of uvicorn's protocol (`response`, `scope`, `writable`, `conn`, `transport`), so uvicorn is pinned
to the version whose `websockets_sansio_impl.py` was read.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

SEND_AT_ONCE = "gateway.send_at_once"  # the name of the ASGI extension
TEXT_FRAME = 0x81
LONGEST_TINY, LONGEST_SHORT = 125, 0xFFFF

# Sends each as a text message and returns True, or sends nothing and returns False: then it has to be awaited.
SendAtOnce = Callable[[Sequence[bytes]], bool]


class DirectSocket(WebSocketsSansIOProtocol):
    """Offers the ASGI extension, which has the limits of `send`: nothing is written to a slow client."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[SEND_AT_ONCE] = self.send_at_once

    def send_at_once(self, texts: Sequence[bytes]) -> bool:
        # With an extension such as compression a message is encoded for its connection, which `send` does.
        if not self.writable.is_set() or self.conn.state is not State.OPEN or self.conn.extensions:
            return False
        self.transport.write(b"".join([part for text in texts for part in (frame_header(len(text)), text)]))
        return True


def frame_header(length: int) -> bytes:
    """Return the start of an unmasked text frame (RFC 6455, 5.2)."""
    if length <= LONGEST_TINY:
        return struct.pack("!BB", TEXT_FRAME, length)
    if length <= LONGEST_SHORT:
        return struct.pack("!BBH", TEXT_FRAME, LONGEST_TINY + 1, length)
    return struct.pack("!BBQ", TEXT_FRAME, LONGEST_TINY + 2, length)


def send_at_once_of(scope: Any) -> SendAtOnce:
    """Return the server's way to send at once; on other servers one that never does."""
    send_at_once: SendAtOnce = scope.get("extensions", {}).get(SEND_AT_ONCE, lambda _: False)
    return send_at_once
