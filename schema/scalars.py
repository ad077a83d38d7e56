"""Scalars whose rules are stricter than Strawberry's own."""

from collections.abc import Mapping
from typing import Any, NewType

import strawberry
from graphql import Undefined, ValueNode, value_from_ast_untyped
from strawberry.types.scalar import ScalarDefinition

from storage.store.errors import BadInputError
from storage.store.timestamps import read_timestamp, write_timestamp

Cursor = NewType("Cursor", str)


def read_cursor(value: Any) -> str:
    if not isinstance(value, str):
        raise BadInputError("A cursor is a string; pass one that a feed, or liveCursor, gave you.")
    return value


CURSOR: ScalarDefinition = strawberry.scalar(
    name="Cursor",
    description="Place in a live feed: an opaque text that does not expire",
    serialize=str,
    parse_value=read_cursor,
)
TIMESTAMP: ScalarDefinition = strawberry.scalar(
    name="DateTime",
    description="Timestamp in ISO 8601 with its offset from UTC; answers are in UTC",
    serialize=write_timestamp,
    parse_value=read_timestamp,
)


def read_json_literal(node: ValueNode, variables: Mapping[str, Any] | None = None) -> Any:
    """Return the value of a JSON literal, in which variables may stand."""
    return without_missing(value_from_ast_untyped(node, dict(variables or {})))


def without_missing(value: Any) -> Any:
    """Leave out the keys whose variables were not given, and put null into lists, as GraphQL does for its own types."""
    match value:
        case dict():
            return {key: without_missing(inner) for key, inner in value.items() if inner is not Undefined}
        case list():
            return [None if inner is Undefined else without_missing(inner) for inner in value]
        case _:
            return value


ECMA_404 = "https://ecma-international.org/wp-content/uploads/ECMA-404_2nd_edition_december_2017.pdf"
ANY_JSON: ScalarDefinition = strawberry.scalar(
    name="JSON",
    description="Any JSON value: object, list, text, number, truth value or null; the field says what it holds",
    specified_by_url=ECMA_404,
    parse_value=lambda value: value,
    parse_literal=read_json_literal,
)
