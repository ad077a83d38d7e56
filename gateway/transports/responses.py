"""JSON responses, and the HTTP status of each error code."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson
from starlette.responses import Response

from gateway.execution.faults import render
from gateway.transports.negotiation import JSON
from storage.store.errors import ErrorCode, UnavailableError

STATUS = {
    ErrorCode.BAD_REQUEST: 400,
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.NOT_ACCEPTABLE: 406,
    ErrorCode.PAYLOAD_TOO_LARGE: 413,
    ErrorCode.UNSUPPORTED_MEDIA_TYPE: 415,
    ErrorCode.INTERNAL: 500,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.OPERATION_TIMEOUT: 504,
}
HEADERS: Mapping[str, Mapping[str, str]] = {
    ErrorCode.UNAUTHENTICATED: {"WWW-Authenticate": "Bearer"},
    ErrorCode.METHOD_NOT_ALLOWED: {"Allow": "POST"},
    ErrorCode.UNAVAILABLE: {"Retry-After": "1"},
}
PRIVATE = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


def status_of(code: str) -> int:
    """Return the status of an error code: 400 for one that has no other."""
    return STATUS.get(ErrorCode(code), 400)


@cache
def fixed_headers(media_type: str) -> tuple[tuple[bytes, bytes], ...]:
    """Return the headers that every response of a media type has."""
    return (b"content-type", f"{media_type}; charset=utf-8".encode()), *PRIVATE


@cache
def stream_headers(media_type: str) -> tuple[tuple[bytes, bytes], ...]:
    """Return the headers of a response that is sent in parts, which proxies must not buffer."""
    return *fixed_headers(media_type), (b"x-accel-buffering", b"no")


class JSONResponse(Response):
    """A response that may hold personal data: no cache keeps it, and no browser guesses another type.

    Its headers are made in the form in which they are sent, which Starlette's own responses do at more cost.
    """

    def __init__(
        self, body: bytes, *, status: int = 200, media_type: str = JSON, headers: Mapping[str, str] | None = None
    ) -> None:
        self.status_code = status
        self.background = None
        self.body = body
        self.raw_headers = [*fixed_headers(media_type), (b"content-length", b"%d" % len(body))]
        if headers:
            self.raw_headers += [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()]


def shutting_down() -> UnavailableError:
    """Return the error that ends streams when the process stops."""
    return UnavailableError("The gateway is shutting down; connect again.")


def errors_of(error: Exception) -> dict[str, Any]:
    """Return the body of an error response; an error that is not meant for clients is masked and logged."""
    return {"errors": [render(error)]}


def error_response(error: Exception, *, media_type: str = JSON, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response to a request that was refused, or failed, before any operation ran."""
    body = errors_of(error)
    code = body["errors"][0]["extensions"]["code"]
    return JSONResponse(
        orjson.dumps(body), status=status_of(code), media_type=media_type, headers=headers or HEADERS.get(code)
    )
