"""Tells what of an operation is read without an effect, and how much of it may still be compiled."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any, NamedTuple

from graphql import GraphQLObjectType, is_leaf_type, is_list_type, is_non_null_type, is_object_type
from graphql.execution.collect_fields import FieldDetailsList

from compiler.collector import Collector, Field, key_of
from compiler.fields import Kind
from compiler.knowledge import Knowledge

MAX_FIELDS = 2_000  # of a plan, with fragments counted at each use; what is beyond is graphql-core's
DEEPEST = 12  # nested loops in one function, of which Python allows twenty blocks


class Extent(NamedTuple):
    """How deep loops are nested in reading a pure value, and how many fields it has in all."""

    depth: int
    fields: int


class Extents:
    """The extents of the pure values of one operation; `fields` counts all that have been compiled of it.

    `count` is told how many more there are.
    """

    def __init__(self, collector: Collector, knowledge: Knowledge, count: Callable[[int], None]) -> None:
        self.collector = collector
        self.knowledge = knowledge
        self.fields = 0
        self._count = count
        self._objects: dict[Hashable, Extent | None] = {}

    def add(self, fields: int) -> None:
        """Count fields that are compiled."""
        self.fields += fields
        self._count(fields)

    def has_room(self, fields: int = 1) -> bool:
        """Return whether so many fields more may be compiled."""
        return self.fields + fields <= MAX_FIELDS

    def fits(self, extent: Extent | None) -> bool:
        """Return whether a value is pure and may be read in one function."""
        return extent is not None and extent.depth <= DEEPEST and self.has_room(extent.fields)

    def of(self, type: Any, details: FieldDetailsList) -> Extent | None:
        """Return the extent of a value that is read without an effect, with all that is selected of it; else None."""
        depth = 0
        while is_non_null_type(type) or is_list_type(type):
            depth += is_list_type(type)
            type = type.of_type
        if is_leaf_type(type):
            return Extent(depth, 1)
        if not is_object_type(type) or not self.tells(type):
            return None
        beneath = self._of_object(type, details)
        return beneath and Extent(depth + beneath.depth, beneath.fields)

    def of_field(self, field: Field) -> Extent | None:
        """Return the extent of a field that is read without an effect."""
        _, position, kind = field
        if position is None:
            return Extent(0, 1)
        if kind is not Kind.PURE and (kind is not Kind.PLAIN or self.knowledge.key(position.field) is None):
            return None
        return self.of(position.type, position.details)

    def tells(self, type: GraphQLObjectType) -> bool:
        """Return whether a document says by itself that it is of a type."""
        return type.is_type_of is None or self.knowledge.mark(type) is not None

    def _of_object(self, type: GraphQLObjectType, details: FieldDetailsList) -> Extent | None:
        key = key_of(type, details)
        if key not in self._objects:
            selected = self.collector.selected(type, details)
            self._objects[key] = selected and self._of_fields(selected.fields)
        return self._objects[key]

    def _of_fields(self, fields: Iterable[Field]) -> Extent | None:
        """Return the extent of an object with these fields, where all are pure."""
        depth, number = 0, 1
        for field in fields:
            found = self.of_field(field)
            if found is None:
                return None
            depth, number = max(depth, found.depth), number + found.fields
        return Extent(depth, number)
