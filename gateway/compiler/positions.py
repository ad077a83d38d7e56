"""Where in an operation a value belongs: what graphql-core has to know to take over there."""

from typing import Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType, GraphQLOutputType, get_nullable_type
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path

# Paths are made for every object, and looked at only when something goes wrong: so they are plain tuples of
# the path before, the key and the name of the parent type, which is what graphql-core's class has as well.
TuplePath = tuple[Any, str | int, str | None]


class Position:
    """A field of an object, or the items of a list in such a field; `type` says which."""

    __slots__ = ("definition", "details", "field", "key", "leaf", "nodes", "parent", "parent_name", "type")

    def __init__(
        self,
        type: GraphQLOutputType,
        details: FieldDetailsList,
        definition: GraphQLField,
        parent: GraphQLObjectType,
        field: Any,
    ) -> None:
        self.type = type
        self.leaf: Any = get_nullable_type(type)  # where it is one
        self.details = details
        self.nodes: list[FieldNode] = [each.node for each in details]
        self.definition = definition
        self.parent = parent
        self.parent_name: str = parent.name
        self.field = field
        node = self.nodes[0]
        self.key: str = node.alias.value if node.alias else node.name.value

    def of_items(self, type: GraphQLOutputType) -> "Position":
        return Position(type, self.details, self.definition, self.parent, self.field)


def as_path(path: TuplePath | None) -> Any:
    """Return a path as graphql-core has it."""
    return None if path is None else Path(as_path(path[0]), path[1], path[2])


def field_path(path: TuplePath) -> TuplePath:
    """Return the path of the field that a path is in."""
    while path[1].__class__ is int:
        path = path[0]
    return path
