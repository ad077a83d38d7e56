"""Request bodies, read no faster than they are used and never past their limit, also when they are compressed."""

import zlib
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from storage.store.errors import ErrorCode, GatewayError

CHUNK_BYTES = 65_536
GZIP = zlib.MAX_WBITS | 16


def bad_request(message: str) -> GatewayError:
    return GatewayError(message, code=ErrorCode.BAD_REQUEST)


def too_large(limit: int) -> GatewayError:
    return GatewayError(f"The request body is larger than {limit} bytes.", code=ErrorCode.PAYLOAD_TOO_LARGE)


def check_content_length(content_length: str | None, *, limit: int) -> None:
    """Raise PAYLOAD_TOO_LARGE for a body that is announced as larger than `limit` bytes."""
    if content_length is not None and content_length.isdecimal() and int(content_length) > limit:
        raise too_large(limit)


async def stream_body(receive: Receive, *, limit: int) -> AsyncIterator[bytes]:
    """Yield the body as it arrives, only when asked to; raises PAYLOAD_TOO_LARGE past `limit` bytes.

    So a client is not read from faster than it is served. Raises `ClientDisconnect` when it goes.
    """
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk, more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size > limit:
            raise too_large(limit)
        yield chunk


async def read_body(receive: Receive, *, content_length: str | None, limit: int) -> bytes:
    """Return the whole body; raises PAYLOAD_TOO_LARGE as soon as it is known to exceed `limit` bytes."""
    check_content_length(content_length, limit=limit)
    return b"".join([chunk async for chunk in stream_body(receive, limit=limit)])


async def decompress(chunks: AsyncIterator[bytes], *, limit: int) -> AsyncIterator[bytes]:
    """Yield what gzip holds in chunks of bounded size, so that a small body can't become a large one in memory."""
    size, decompressor, is_begun = 0, zlib.decompressobj(GZIP), False
    async for chunk in chunks:
        compressed, has_more = chunk, bool(chunk)
        while has_more:
            if decompressor.eof:
                decompressor = zlib.decompressobj(GZIP)
            try:
                plain = decompressor.decompress(compressed, CHUNK_BYTES)
            except zlib.error as error:
                raise bad_request("The body is not valid gzip.") from error
            is_begun = True
            compressed = decompressor.unused_data if decompressor.eof else decompressor.unconsumed_tail
            has_more = bool(compressed) or (len(plain) == CHUNK_BYTES and not decompressor.eof)
            size += len(plain)
            if size > limit:
                raise too_large(limit)
            yield plain
    if is_begun and not decompressor.eof:
        raise bad_request("The body ends in the middle of its gzip.")
