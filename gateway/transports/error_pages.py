"""JSON where a framework would answer in plain text: unknown paths, wrong methods, and faults of ours."""

from collections.abc import Awaitable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.transports.responses import STATUS, error_response
from storage.store.errors import ErrorCode, GatewayError

CODES = {status: code for code, status in STATUS.items()}
MESSAGES = {
    ErrorCode.NOT_FOUND: "There is nothing at this path; GraphQL is at /graphql.",
    ErrorCode.METHOD_NOT_ALLOWED: "This path does not take this method.",
}


async def http_error(_: Request, error: Exception) -> Response:
    """Answer what the router refuses."""
    if not isinstance(error, HTTPException):
        raise error
    code = CODES.get(error.status_code, ErrorCode.BAD_REQUEST)
    refusal = GatewayError(MESSAGES.get(code, error.detail), code=code)
    return error_response(refusal, headers=error.headers)


async def gateway_error(_: Request, error: Exception) -> Response:
    """Answer an endpoint outside of GraphQL that refused with a coded error."""
    return error_response(error)


class FaultNet:
    """Pure ASGI: whatever no endpoint has handled is logged under an id, which is all that the client learns.

    It stands within the telemetry and CORS middleware, so that a fault is counted, and readable in a browser.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        def watched(message: Message) -> Awaitable[None]:
            nonlocal started
            started = True
            return send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            await error_response(error)(scope, receive, send)
