"""Where in an operation a value belongs: how to complete it there, and what graphql-core has to know to take over."""

from collections.abc import Callable
from typing import Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType, GraphQLOutputType, is_non_null_type
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path

# Paths are made for every object, and looked at only when something goes wrong: so they are plain tuples of
# the path before, the key and the name of the parent type, which is what graphql-core's class has as well.
TuplePath = tuple[Any, str | int, str | None]

# The nearest place around a value that may be null: what holds it, its key there, its path, and the place around it.
Nullable = tuple[Any, str | int, TuplePath, Any]

# What completes the values at a position: (run, value, path, nullable) -> a result, or something awaitable.
Complete = Callable[..., Any]


class Position:
    """A field of an object, or the items of a list in such a field; `type` says which.

    `complete(run, value, path, nullable)` returns the result of a value, or something awaitable, or raises.
    `cache` is for resolvers: it lives as long as the plan, and is the same for all who ask the same.
    """

    __slots__ = (
        *("arguments", "batch", "cache", "complete", "convert", "definition", "details", "field", "key"),
        *("nodes", "nullable", "parent", "parent_name", "type"),
    )

    def __init__(
        self,
        type: GraphQLOutputType,
        details: FieldDetailsList,
        definition: GraphQLField,
        parent: GraphQLObjectType,
        field: Any,
    ) -> None:
        self.type = type
        self.nullable = not is_non_null_type(type)
        self.details = details
        self.nodes: list[FieldNode] = [each.node for each in details]
        self.definition = definition
        self.parent = parent
        self.parent_name: str = parent.name
        self.field = field
        node = self.nodes[0]
        self.key: str = node.alias.value if node.alias else node.name.value
        self.cache: dict[Any, Any] = {}
        self.arguments: dict[str, Any] | None = None  # where they are always the same
        self.convert: Callable[..., dict[str, Any]] | None = None  # the arguments, once they are coerced
        self.batch: Callable[..., Any] | None = None
        self.complete: Complete

    def of(self, type: GraphQLOutputType) -> "Position":
        """Return the position of the items of a list here, or of what an abstract type has turned out to be."""
        return Position(type, self.details, self.definition, self.parent, self.field)


def as_path(path: TuplePath | None) -> Any:
    """Return a path as graphql-core has it."""
    return None if path is None else Path(as_path(path[0]), path[1], path[2])


def field_path(path: TuplePath) -> TuplePath:
    """Return the path of the field that a path is in."""
    while path[1].__class__ is int:
        path = path[0]
    return path
