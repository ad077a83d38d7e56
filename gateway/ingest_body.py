"""The body of an ingestion, piece by piece: read as fast as it is worked on, and unpacked within a limit."""

import zlib
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.transports.bodies import malformed, too_large

PIECE = 65_536
GZIP = zlib.MAX_WBITS | 16


async def received(receive: Receive, *, limit: int) -> AsyncIterator[bytes]:
    """Yield the body as it arrives, and only when asked to, so that a client is not read faster than it is served."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        piece, more = message.get("body", b""), message.get("more_body", False)
        size += len(piece)
        if size > limit:
            raise too_large(limit)
        yield piece


async def unpacked(pieces: AsyncIterator[bytes], *, limit: int) -> AsyncIterator[bytes]:
    """Yield what gzip holds in pieces of bounded size, so that a small body can't become a large one in memory."""
    size, unpacker, is_begun = 0, zlib.decompressobj(GZIP), False
    async for piece in pieces:
        packed, has_more = piece, bool(piece)
        while has_more:
            if unpacker.eof:
                unpacker = zlib.decompressobj(GZIP)
            try:
                plain = unpacker.decompress(packed, PIECE)
            except zlib.error as error:
                raise malformed("The body is not valid gzip.") from error
            is_begun = True
            packed = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            has_more = bool(packed) or (len(plain) == PIECE and not unpacker.eof)
            size += len(plain)
            if size > limit:
                raise too_large(limit)
            yield plain
    if is_begun and not unpacker.eof:
        raise malformed("The body ends in the middle of its gzip.")
