"""Collects the fields that an operation selects of objects, and tells of each what resolves it."""

from collections.abc import Hashable
from typing import Any, NamedTuple

from graphql import GraphQLError, GraphQLObjectType, TypeNameMetaFieldDef
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet, collect_subfields
from graphql.execution.values import VariableValues

from compiler.fields import Kind, kind_of
from compiler.positions import Position


class Field(NamedTuple):
    """A field that is selected; that which gives the name of its type has no position."""

    key: str
    position: Position | None
    kind: Kind


class Selected(NamedTuple):
    """What is selected of a type, as it is compiled and as graphql-core has it."""

    fields: list[Field]
    grouped: GroupedFieldSet


class Collector:
    """Collects each selection once; `variables` are those that conditions depend on."""

    def __init__(self, executor: Executor[Any], variables: VariableValues) -> None:
        self._schema = executor.schema
        self._fragments = executor.fragments
        self._operation = executor.operation
        self._variables = variables
        self._selected: dict[Hashable, Selected | None] = {}

    def selected(self, type: GraphQLObjectType, details: FieldDetailsList) -> Selected | None:
        """Return what is selected of a type, or None where a condition fails: graphql-core tells."""
        key = key_of(type, details)
        if key not in self._selected:
            try:
                collected = collect_subfields(
                    self._schema, self._fragments, self._variables, self._operation, type, details
                )
            except GraphQLError:
                self._selected[key] = None
            else:
                self._selected[key] = self.of(type, collected.grouped_field_set)
        return self._selected[key]

    def of(self, type: GraphQLObjectType, grouped: GroupedFieldSet) -> Selected:
        """Return what graphql-core has collected."""
        fields = []
        for key, details in grouped.items():
            definition = self._schema.get_field(type, details[0].node.name.value)
            if definition is TypeNameMetaFieldDef:
                fields.append(Field(key, None, Kind.PLAIN))
            elif definition is not None:
                kind, field = kind_of(definition)
                fields.append(Field(key, Position(definition.type, details, definition, type, field), kind))
        return Selected(fields, grouped)


def key_of(type: GraphQLObjectType, details: FieldDetailsList) -> Hashable:
    """Return what stands for the fields that are selected of a type, the same wherever a fragment is spread."""
    return (type.name, *(id(each.node) for each in details))
