"""The parameters of a GraphQL request, from a body, a query string or a message, checked and made an operation."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.datastructures import QueryParams

from gateway.asgi.bodies import bad_request
from gateway.execution.operation import Operation

PARAMETERS = ("query", "operationName", "variables", "extensions")


def parse_json(text: bytes | str, name: str) -> Any:
    """Parse JSON; raises BAD_REQUEST, which names what was parsed, for anything else: invalid UTF-8, deep nesting."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise bad_request(f"{name} is not valid JSON: {error}.") from error


def from_body(body: bytes) -> Operation:
    if not body:
        raise bad_request("The request body is empty; send a JSON object with a query.")
    parameters = parse_json(body, "The request body")
    if isinstance(parameters, list):
        raise bad_request("Batches are not supported; send one operation per request.")
    if not isinstance(parameters, dict):
        raise bad_request("The request body must be a JSON object with a query.")
    return from_parameters(parameters)


def from_query(query: QueryParams) -> Operation:
    """Read the parameters of a GET, where an object travels as JSON text."""
    parameters: dict[str, Any] = {}
    for name in PARAMETERS:
        given = query.getlist(name)
        if len(given) > 1:
            raise bad_request(f"The parameter {name} is given {len(given)} times.")
        if given:
            parameters[name] = parse_json(given[0], name) if name in ("variables", "extensions") else given[0]
    parameters["operationName"] = parameters.get("operationName") or None
    return from_parameters(parameters)


def from_parameters(parameters: Mapping[str, Any]) -> Operation:
    """Check the types that the GraphQL over HTTP specification gives; further parameters are ignored."""
    query, operation_name = parameters.get("query"), parameters.get("operationName")
    if query is None:
        raise bad_request("The parameter query is missing; it holds the GraphQL document.")
    if not isinstance(query, str):
        raise bad_request("The parameter query must be a string.")
    if operation_name is not None and not isinstance(operation_name, str):
        raise bad_request("The parameter operationName must be a string or null.")
    return Operation(
        query,
        operation_name=operation_name,
        variables=object_or_null(parameters, "variables"),
        extensions=object_or_null(parameters, "extensions"),
    )


def object_or_null(parameters: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    value = parameters.get(name)
    if value is not None and not isinstance(value, dict):
        raise bad_request(f"The parameter {name} must be an object or null.")
    return value
