"""From what a client sent to the operation it means; whatever is malformed is told in its own words."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.execution.operation import Operation
from storage.store.errors import ErrorCode, GatewayError

PARAMETERS = ("query", "operationName", "variables", "extensions")


def malformed(message: str) -> GatewayError:
    return GatewayError(message, code=ErrorCode.BAD_REQUEST)


def too_large(limit: int) -> GatewayError:
    return GatewayError(f"The request body is larger than {limit} bytes.", code=ErrorCode.PAYLOAD_TOO_LARGE)


async def read_body(receive: Receive, *, content_length: str | None, limit: int) -> bytes:
    """Read the body, or refuse it as soon as it is known to exceed `limit` bytes."""
    if content_length is not None and content_length.isdecimal() and int(content_length) > limit:
        raise too_large(limit)
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part: bytes = message.get("body", b"")
        if len(body) + len(part) > limit:
            raise too_large(limit)
        if not message.get("more_body", False):
            return bytes(body + part) if body else part
        body += part


def decode(text: bytes | str, what: str) -> Any:
    """Parse JSON; neither nesting nor invalid UTF-8 gets further than here."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise malformed(f"{what} is not valid JSON: {error}.") from error


def from_body(body: bytes) -> Operation:
    if not body:
        raise malformed("The request body is empty; send a JSON object with a query.")
    parameters = decode(body, "The request body")
    if isinstance(parameters, list):
        raise malformed("Batches are not supported; send one operation a request.")
    if not isinstance(parameters, dict):
        raise malformed("The request body must be a JSON object with a query.")
    return from_parameters(parameters)


def from_query(query: QueryParams) -> Operation:
    """Read the parameters of a GET, where an object travels as JSON text."""
    parameters: dict[str, Any] = {}
    for name in PARAMETERS:
        given = query.getlist(name)
        if len(given) > 1:
            raise malformed(f"The parameter {name} is given {len(given)} times.")
        if given:
            parameters[name] = decode(given[0], name) if name in ("variables", "extensions") else given[0]
    parameters["operationName"] = parameters.get("operationName") or None
    return from_parameters(parameters)


def from_parameters(parameters: Mapping[str, Any]) -> Operation:
    """Check the types that the GraphQL over HTTP specification gives; further parameters are ignored."""
    query, operation_name = parameters.get("query"), parameters.get("operationName")
    if query is None:
        raise malformed("The parameter query is missing; it holds the text of the GraphQL document.")
    if not isinstance(query, str):
        raise malformed("The parameter query must be a string.")
    if operation_name is not None and not isinstance(operation_name, str):
        raise malformed("The parameter operationName must be a string or null.")
    return Operation(
        query,
        operation_name=operation_name,
        variables=an_object(parameters, "variables"),
        extensions=an_object(parameters, "extensions"),
    )


def an_object(parameters: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    value = parameters.get(name)
    if value is not None and not isinstance(value, dict):
        raise malformed(f"The parameter {name} must be an object or null.")
    return value
