"""Rendering of errors: every error that a client sees has a code, and is masked unless it is meant for clients."""

import re
import uuid
from typing import Any

import structlog
from graphql import GraphQLError

from gateway.telemetry.logs import outline
from storage.store.errors import ErrorCode, GatewayError

log = structlog.get_logger(__name__)

MASK = "Something went wrong on our side; quote this id to support."
SUGGESTION = re.compile(r" Did you mean [^?]*\?")


def fault(error: BaseException) -> GatewayError:
    """Log a fault under a new id and return the masked error for the client."""
    id = uuid.uuid4().hex
    log.error("fault", id=id, exception=outline(error))
    return GatewayError(MASK, code=ErrorCode.INTERNAL, id=id)


def cause_of(error: BaseException) -> BaseException:
    """Return the exception beneath the wrappings of GraphQL, or the innermost wrapping where there is none."""
    while isinstance(error, GraphQLError) and error.original_error is not None:
        error = error.original_error
    return error


def client_error_code(error: GraphQLError) -> str | None:
    """Return the code of a client's mistake that GraphQL reports, or None for a fault of ours.

    Before execution every error is the request's. During it, only errors about arguments are; a value that does not
    fit its own type (`Cannot return null`, `cannot represent`) is our fault.
    """
    code: str | None = (error.extensions or {}).get("code")
    if code is not None:
        return code
    by_graphql = isinstance(cause_of(error), GraphQLError)
    about_variables = isinstance(error.original_error, GraphQLError) and error.message.startswith("Variable '$")
    if about_variables or (by_graphql and (error.path is None or error.message.startswith("Argument '"))):
        return ErrorCode.BAD_USER_INPUT.value
    return None


def render(error: BaseException, *, suggestions: bool = False) -> dict[str, Any]:
    """Return an error as a response carries it. `suggestions` keeps the names that GraphQL proposes."""
    if not isinstance(error, GraphQLError):
        rendered = error if isinstance(error, GatewayError) else fault(error)
        return {"message": rendered.message, "extensions": rendered.extensions}
    place: dict[str, Any] = {key: value for key, value in error.formatted.items() if key in {"locations", "path"}}
    cause = cause_of(error)
    if isinstance(cause, GatewayError):
        return {"message": error.message, **place, "extensions": cause.extensions}
    code = client_error_code(error)
    if code is None:
        masked = fault(cause)
        return {"message": masked.message, **place, "extensions": masked.extensions}
    message = error.message if suggestions else SUGGESTION.sub("", error.message)
    return {"message": message, **place, "extensions": {"code": code}}
