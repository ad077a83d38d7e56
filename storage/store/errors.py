"""The codes that every door of the gateway answers with, and the exceptions that carry them."""

from enum import StrEnum
from typing import Any


class ErrorCode(StrEnum):
    """`extensions.code` of every error; `docs/errors.md` says what to do about each."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    BAD_REQUEST = "BAD_REQUEST"
    NOT_FOUND = "NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    OPERATION_TIMEOUT = "OPERATION_TIMEOUT"
    SLOW_CONSUMER = "SLOW_CONSUMER"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"


class GatewayError(Exception):
    """What may be told to the client as it is: a code, a sentence, and machine-readable details.

    `details` become further keys of the error's `extensions`. Every other exception is a fault and is masked.
    """

    code: ErrorCode = ErrorCode.INTERNAL

    def __init__(self, message: str, *, code: ErrorCode | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.details = details

    @property
    def extensions(self) -> dict[str, Any]:
        return {"code": self.code.value, **self.details}


class BadInputError(GatewayError):
    """An argument that the schema's types allow and the rules do not."""

    code = ErrorCode.BAD_USER_INPUT


class NotFoundError(GatewayError):
    """Nothing has this id, at least not here; a text that can't be an id is told in the same way."""

    code = ErrorCode.NOT_FOUND


class LateError(GatewayError):
    """The operation has no time left for what it asked the store."""

    code = ErrorCode.OPERATION_TIMEOUT


class OutdatedDataError(GatewayError):
    """The documents of a database are not as this version reads them."""


class ForbiddenError(GatewayError):
    """The credential is known and lacks a scope."""

    code = ErrorCode.FORBIDDEN


class UnauthenticatedError(GatewayError):
    """No credential, or one that is unknown, expired or revoked."""

    code = ErrorCode.UNAUTHENTICATED


class UnavailableError(GatewayError):
    """A store does not answer; the same request may succeed later."""

    code = ErrorCode.UNAVAILABLE
