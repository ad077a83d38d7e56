"""Every error that a client sees is made here: coded, and masked unless it is meant for the client."""

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
    """Log a fault under a new id and return what the client is told instead of it."""
    id = uuid.uuid4().hex
    log.error("fault", id=id, exception=outline(error))
    return GatewayError(MASK, code=ErrorCode.INTERNAL, id=id)


def cause_of(error: BaseException) -> BaseException:
    """Return the exception beneath the wrappings of GraphQL, or the innermost wrapping where there is none."""
    while isinstance(error, GraphQLError) and error.original_error is not None:
        error = error.original_error
    return error


def objection(error: GraphQLError) -> str | None:
    """Return the code of a client's mistake that GraphQL itself found, or None: then it is a fault of ours.

    Before execution every complaint is about the request. During it, only those about arguments are;
    that a value does not fit its own type (`Cannot return null`, `cannot represent`) is our doing.
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
        told = error if isinstance(error, GatewayError) else fault(error)
        return {"message": told.message, "extensions": told.extensions}
    place: dict[str, Any] = {key: value for key, value in error.formatted.items() if key in {"locations", "path"}}
    cause = cause_of(error)
    if isinstance(cause, GatewayError):
        return {"message": error.message, **place, "extensions": cause.extensions}
    code = objection(error)
    if code is None:
        told = fault(cause)
        return {"message": told.message, **place, "extensions": told.extensions}
    message = error.message if suggestions else SUGGESTION.sub("", error.message)
    return {"message": message, **place, "extensions": {"code": code}}
