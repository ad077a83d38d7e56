"""The messages of graphql-transport-ws, and the close codes that answer those that break the protocol."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.execution.operation import Operation
from gateway.transports.parameters import from_parameters
from storage.store.errors import GatewayError

PROTOCOL = "graphql-transport-ws"
MAX_REASON_BYTES = 123

GOING_AWAY = 1001
MESSAGE_TOO_BIG = 1009
TRY_AGAIN_LATER = 1013
BAD_REQUEST = 4400
UNAUTHORIZED = 4401
FORBIDDEN = 4403
SUBPROTOCOL_NOT_ACCEPTABLE = 4406
INITIALISATION_TIMEOUT = 4408
SUBSCRIBER_EXISTS = 4409
TOO_MANY_INITIALISATIONS = 4429
INTERNAL_ERROR = 4500

WITH_ID = ("subscribe", "complete")
TYPES = (*WITH_ID, "connection_init", "ping", "pong")


class SocketClosed(Exception):  # noqa: N818 - a way for a connection to end, not always an error
    """Ends a connection with a code and a reason, which is cut to what a close frame holds."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """A well-formed message; `id` is empty for those that are not about an operation."""

    type: str
    id: str
    payload: dict[str, Any] | None


def encode_message(type: str, **rest: Any) -> str:
    """Return the text of a message to the client."""
    return orjson.dumps({"type": type, **rest}).decode()


def read_message(frame: Mapping[str, Any], *, limit: int) -> ClientMessage:
    """Parse and check a received frame; raises `SocketClosed`, whose reason says what is wrong with it."""
    text = frame.get("text")
    if text is None:
        raise SocketClosed(BAD_REQUEST, "Messages must be text, not binary.")
    data = text.encode()
    if len(data) > limit:
        raise SocketClosed(MESSAGE_TOO_BIG, f"The message is larger than {limit} bytes.")
    try:
        message = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise SocketClosed(BAD_REQUEST, f"The message is not valid JSON: {error}.") from error
    if not isinstance(message, dict):
        raise SocketClosed(BAD_REQUEST, "The message must be a JSON object.")
    return check(message)


def check(message: dict[str, Any]) -> ClientMessage:
    type, id, payload = message.get("type"), message.get("id", ""), message.get("payload")
    if type not in TYPES:
        raise SocketClosed(BAD_REQUEST, f"The message's type must be one of {', '.join(TYPES)}.")
    if type in WITH_ID and (not isinstance(id, str) or not id):
        raise SocketClosed(BAD_REQUEST, f"The id of {type} must be a string, and not empty.")
    if payload is not None and not isinstance(payload, dict):
        raise SocketClosed(BAD_REQUEST, f"The payload of {type} must be an object.")
    return ClientMessage(type, id if type in WITH_ID else "", payload)


def operation_of(message: ClientMessage) -> Operation:
    try:
        return from_parameters(message.payload or {})
    except GatewayError as error:
        raise SocketClosed(BAD_REQUEST, error.message) from error
