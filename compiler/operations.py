"""The plan of one operation: a function for each selection, and one for each position that values are completed at."""

from collections.abc import Callable, Hashable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    GraphQLError,
    GraphQLNonNull,
    GraphQLObjectType,
    TypeNameMetaFieldDef,
    get_nullable_type,
    is_abstract_type,
    is_list_type,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet, collect_subfields
from graphql.execution.values import VariableValues
from strawberry.types.info import Info

from compiler.completing import Complete, abstract, composed, listed, pure, when_needed, whole
from compiler.fields import Kind, kind_of
from compiler.infos import LazyInfo, MadeInfo
from compiler.positions import Position
from compiler.pure import Extent, Reading, extent, extent_of_field, extent_of_fields
from compiler.selections import Execute, Field, select
from compiler.source import Function

if TYPE_CHECKING:
    from compiler.executor import CompiledExecutor

MAX_FIELDS = 2_000  # with fragments counted at each use; what is beyond is graphql-core's
DEEPEST = 12  # nested loops in one function, of which Python allows twenty blocks


class Selected(NamedTuple):
    """What is selected of a type, as it is compiled and as graphql-core has it."""

    fields: list[Field]
    grouped: GroupedFieldSet


class Compiler:
    """Compiles an operation; what it keeps of the first execution are the variables of conditions, nothing else."""

    def __init__(self, executor: "CompiledExecutor", variables: VariableValues, nodes: Any) -> None:
        self._schema = executor.schema
        self._fragments = executor.fragments
        self._operation = executor.operation
        self._variables = variables
        self._nodes = nodes
        self._completers: dict[Any, Complete] = {}
        self._selected: dict[Any, Selected | None] = {}
        self._extents: dict[Any, Extent | None] = {}
        self._read: set[Any] = set()
        self._readers: dict[Any, Callable[[Any], Any]] = {}
        self.is_awaitable = executor.is_awaitable
        info_class: type[Info[Any, Any]] = executor.schema._strawberry_schema.config.info_class  # type: ignore[attr-defined]  # noqa: SLF001
        self.info: Any = LazyInfo if info_class is Info else MadeInfo(info_class)
        self.knowledge = executor.knowledge
        self.fields = 0
        self.root: Execute | None = None

    def compile(self, root: GraphQLObjectType, fields: GroupedFieldSet) -> None:
        """Compile the operation, unless it is nested so deeply that graphql-core has to refuse it."""
        try:
            self.root = select(self, root, self._fields(root, fields), fields)
        except RecursionError:
            self.root = None

    def fields_of(self, type: GraphQLObjectType, details: Any) -> list[Field] | None:
        """Return what is selected of a type, or None where a condition fails: graphql-core tells."""
        selected = self._select(type, details)
        return selected and selected.fields

    def _select(self, type: GraphQLObjectType, details: Any) -> Selected | None:
        key = key_of(type, details)
        if key not in self._selected:
            try:
                collected = collect_subfields(
                    self._schema, self._fragments, self._variables, self._operation, type, details
                )
            except GraphQLError:
                self._selected[key] = None
            else:
                grouped = collected.grouped_field_set
                self._selected[key] = Selected(self._fields(type, grouped), grouped)
        return self._selected[key]

    def extent_of(self, type: GraphQLObjectType, details: Any) -> Extent | None:
        """Return the extent of an object of a type where all that is selected of it is pure."""
        key = key_of(type, details)
        if key not in self._extents:
            fields = self.fields_of(type, details)
            self._extents[key] = None if fields is None else extent_of_fields(self, fields)
        return self._extents[key]

    def is_repeated(self, type: GraphQLObjectType, details: Any) -> bool:
        """Return whether the same fields have been read before: in a fragment that is spread again."""
        key = key_of(type, details)
        is_repeated = key in self._read
        self._read.add(key)
        return is_repeated

    def reader(self, type: GraphQLObjectType, details: Any) -> Callable[[Any], Any]:
        """Return the function that reads an object without an effect, or raises."""
        key = key_of(type, details)
        if key not in self._readers:
            function = Function()
            Reading(self, function).object(type, details, "x")
            function.write("return x")
            self._readers[key] = function.made("x")
        return self._readers[key]

    def fields_within(self, type: GraphQLObjectType, details: Any, depth: int) -> list[Field] | None:
        """Return what is selected of an object, if it is to be executed in the function of the one around it."""
        known = type.is_type_of is None or self.knowledge.mark(type) is not None
        if not known or depth >= DEEPEST or self.is_repeated(type, details):
            return None
        fields = self.fields_of(type, details)
        if fields is None or self.fields + len(fields) > MAX_FIELDS:
            return None
        self.fields += len(fields)
        return fields

    def is_pure(self, field: Field) -> bool:
        """Return whether a field is to be read in the function of its object."""
        return self._fits(extent_of_field(self, field))

    def _fits(self, extent: Extent | None) -> bool:
        return extent is not None and extent.depth <= DEEPEST and self.fields + extent.fields <= MAX_FIELDS

    def _fields(self, type: GraphQLObjectType, grouped: GroupedFieldSet) -> list[Field]:
        found = []
        for key, details in grouped.items():
            definition = self._schema.get_field(type, details[0].node.name.value)
            if definition is TypeNameMetaFieldDef:
                found.append(Field(key, None, Kind.PLAIN))
            elif definition is not None:
                kind, field = kind_of(definition)
                found.append(Field(key, Position(definition.type, details, definition, type, field), kind))
        return found

    def when_needed(self, position: Position) -> Complete:
        """Return what compiles the completion of values when there is one: nobody pays for what is not executed."""
        return when_needed(position, partial(self.completer, position))

    def completer(self, position: Position) -> Complete:
        """Return what completes the values at a position: the same for a fragment wherever it is spread."""
        key = (position.parent_name, str(position.type), *map(id, position.nodes))
        if key not in self._completers:
            self._completers[key] = self._completer(position)
        return self._completers[key]

    def _completer(self, position: Position) -> Complete:
        type: Any = get_nullable_type(position.type)
        if self.fields >= MAX_FIELDS:
            return whole(position)
        if self._fits(extent(self, type, position.details)):
            return pure(self, position)
        if is_list_type(type):
            item = position.of(type.of_type)
            item.complete = self.completer(item)
            return listed(position, item)
        if is_abstract_type(type):
            return abstract(position, type, lambda member: self._object(position.of(GraphQLNonNull(member)), member))
        return self._object(position, type)

    def _object(self, position: Position, type: GraphQLObjectType) -> Complete:
        selected = self._select(type, position.details) if self.fields < MAX_FIELDS else None
        if selected is None:
            return whole(position)
        self.fields += len(selected.fields)
        return composed(position, type, self.knowledge.mark(type), select(self, type, *selected))


def key_of(type: GraphQLObjectType, details: FieldDetailsList) -> Hashable:
    """Return what stands for the fields that are selected of a type, the same wherever a fragment is spread."""
    return (type.name, *(id(each.node) for each in details))
