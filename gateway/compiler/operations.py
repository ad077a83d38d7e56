"""The plan of one operation: a Python function for each selection, and one for each value to complete."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLError,
    GraphQLNonNull,
    GraphQLObjectType,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
)
from graphql.execution.collect_fields import GroupedFieldSet, collect_subfields
from graphql.execution.values import VariableValues
from strawberry.types.info import Info

from gateway.compiler.infos import LazyInfo, MadeInfo
from gateway.compiler.kinds import Execute, Members
from gateway.compiler.positions import Position
from gateway.compiler.reading import Reader
from gateway.compiler.runtime import whole_at
from gateway.compiler.selections import Selection, select
from gateway.compiler.source import Function, Lazy
from gateway.compiler.values import Completer, leaf_lines, list_lines, object_guard

if TYPE_CHECKING:
    from gateway.compiler.executor import CompiledExecutor

MAX_FIELDS = 2_000  # with fragments counted at each use; what is beyond is graphql-core's


class Compiler:
    """Compiles an operation; what it keeps of the first execution are the variables of conditions, nothing else."""

    def __init__(self, executor: "CompiledExecutor", variables: VariableValues, nodes: Any) -> None:
        self._schema = executor.schema
        self._fragments = executor.fragments
        self._operation = executor.operation
        self._variables = variables
        self._nodes = nodes
        self._completers: dict[Any, Completer] = {}
        self._selections: dict[Any, Selection] = {}
        info_class: type[Info[Any, Any]] = executor.schema._strawberry_schema.config.info_class  # type: ignore[attr-defined]  # noqa: SLF001
        self.info: Any = LazyInfo if info_class is Info else MadeInfo(info_class)
        self.reader = Reader(executor.document_keys)
        self.fields = 0
        self.root: Execute | None = None

    def compile(self, root: GraphQLObjectType, fields: GroupedFieldSet) -> None:
        """Compile the operation, unless it is nested so deeply that graphql-core has to refuse it."""
        try:
            self.root = self._select(root, fields).execute
        except RecursionError:
            self.root = None

    def completer(self, position: Position) -> Completer:
        """Return what completes the values at a position: the same for a fragment wherever it is spread."""
        key = (position.parent.name, str(position.type), *map(id, position.nodes))
        if key not in self._completers:
            self._completers[key] = self._completer(position)
        return self._completers[key]

    def _completer(self, position: Position) -> Completer:
        type: Any = get_nullable_type(position.type)
        if self.fields >= MAX_FIELDS:
            return Completer(partial(whole_at, position))
        function = Function()
        if is_list_type(type):
            item = position.of_items(type.of_type)
            items = None if is_leaf_type(item.leaf) else self.completer(item)
            complete = function.made("ex, v, path", list_lines(function, position, item, items))
            return Completer(complete, "list", complete)
        at = function.constant(position)
        if is_leaf_type(type):
            lines = leaf_lines(function, position, "x", f"x = whole(ex, {at}, x, path)")
            return Completer(function.made("ex, x, path", [*lines, "return x"]))
        if is_abstract_type(type):
            lines = self._abstract_lines(function, position, type, at)
            return Completer(function.made("ex, v, path", [*object_guard(position, at), *lines]))
        selection = self._selection(position, type)
        if selection is None:
            return Completer(partial(whole_at, position))
        lines = object_lines(function, type, at, selection)
        written = [*object_guard(position, at), *lines]
        if type.is_type_of is not None:
            complete = function.made("ex, v, path", written)
            return Completer(complete, "dict", complete)
        return Completer(Lazy(lambda: function.made("ex, v, path", written)), "dict", *selection)

    def _abstract_lines(self, function: Function, position: Position, type: Any, at: str) -> Iterator[str]:
        """Go on with an object of an abstract type, by the type that it is of."""
        members = Members(position, type, lambda member: self._member(position, member))
        resolve = function.constant(type.resolve_type) if type.resolve_type else "ex.type_resolver"
        yield f"name = {resolve}(v, LazyResolveInfo(ex, {at}, path), {function.constant(type)})"
        yield f"execute = {function.constant(members.known)}.get(name) if name.__class__ is str else None"
        yield "if execute is None:"
        yield f" return {function.constant(members)}.complete(ex, name, v, path)"
        yield "return execute(ex, v, path)"

    def _member(self, position: Position, type: GraphQLObjectType) -> Execute:
        """Compile the selection for a type that an abstract one has turned out to be."""
        known = Position(GraphQLNonNull(type), position.details, position.definition, position.parent, position.field)
        selection = self._selection(known, type) if self.fields < MAX_FIELDS else None
        if selection is None:
            return partial(whole_at, known)
        function = Function()
        lines = object_lines(function, type, function.constant(known), selection)
        return function.made("ex, v, path", lines)

    def _selection(self, position: Position, type: GraphQLObjectType) -> Selection | None:
        """Return what executes the fields selected of a type, or None where a condition fails: graphql-core tells."""
        try:
            collected = collect_subfields(
                self._schema, self._fragments, self._variables, self._operation, type, position.details
            )
        except GraphQLError:
            return None
        return self._select(type, collected.grouped_field_set)

    def _select(self, type: GraphQLObjectType, fields: GroupedFieldSet) -> Selection:
        key = (type.name, *((key, *(id(each.node) for each in details)) for key, details in fields.items()))
        if key not in self._selections:
            self.fields += len(fields)
            self._selections[key] = select(self, self._schema, type, fields)
        return self._selections[key]


def object_lines(function: Function, type: GraphQLObjectType, at: str, selection: Selection) -> Iterator[str]:
    """Go on with an object of a type, if it is of it."""
    execute = function.constant(selection.execute)
    if type.is_type_of is not None:
        yield f"answer = {function.constant(type.is_type_of)}(v, LazyResolveInfo(ex, {at}, path))"
        yield "if answer is not True:"
        yield f" return checked(ex, {at}, {function.constant(type)}, answer, v, path, {execute})"
    yield f"return {execute}(ex, v, path)"
