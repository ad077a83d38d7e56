"""Inputs are converted as Strawberry converts them, and all of our schema's without asking it."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import strawberry
from graphql import GraphQLObjectType, Undefined
from graphql.utilities import coerce_input_value
from strawberry import UNSET
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import StrawberryArgument, convert_arguments

from compiler.inputs import Conversions
from schema import schema
from tests.support.mutating import arguments_of
from tests.support.mutation_inputs import INPUTS

CONVERSIONS = Conversions(schema)
DEFINITION = GraphQLCoreConverter.DEFINITION_BACKREF


def fields_with_arguments() -> Iterator[Any]:
    for type in schema._schema.type_map.values():
        for name, field in type.fields.items() if isinstance(type, GraphQLObjectType) else ():
            if field.args and DEFINITION in field.extensions:
                yield pytest.param(field, id=f"{type.name}.{name}")


def by_strawberry(arguments: list[StrawberryArgument], values: dict[str, Any]) -> dict[str, Any]:
    return convert_arguments(values, arguments, schema.schema_converter.scalar_registry, schema.config)


@pytest.mark.parametrize("field", list(fields_with_arguments()))
def test_every_argument_of_the_schema_is_known(field: Any) -> None:
    arguments = field.extensions[DEFINITION].arguments
    assert not isinstance(CONVERSIONS.of(arguments), partial)
    nothing = dict.fromkeys(field.args)
    assert CONVERSIONS.of(arguments)(nothing, list) == by_strawberry(arguments, nothing)


@pytest.mark.parametrize("name", INPUTS)
def test_inputs_of_mutations_become_the_same(name: str) -> None:
    mutations = schema._schema.mutation_type
    assert mutations is not None
    field = mutations.fields[name]
    arguments = field.extensions[DEFINITION].arguments
    ids = {key: "x" for key in field.args if key in ("id", "profileId")}
    given = arguments_of(name, {**ids, **INPUTS[name], "idempotencyKey": "k", "dryRun": True})
    values = {key: coerce_input_value(given[key], argument.type) for key, argument in field.args.items()}
    assert Undefined not in values.values()
    assert CONVERSIONS.of(arguments)(values, list) == by_strawberry(arguments, values)


@strawberry.input
class Tree:
    name: str
    children: list["Tree"] = strawberry.field(default_factory=list)
    other: "Tree | None" = UNSET
    leaf: strawberry.Maybe[int] = None


@strawberry.input
class Plain:
    name: str
    children: list["Plain"] | None = None
    other: "Plain | None" = UNSET


def test_inputs_that_hold_themselves() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def plain(self, tree: Plain) -> str:
            return repr(tree)

        @strawberry.field
        def maybe(self, plain: Plain | None, tree: Tree) -> str:
            return repr((plain, tree))

    made = strawberry.Schema(Query)
    conversions = Conversions(made)
    plain, maybe = (made._schema.type_map["Query"].fields[name] for name in ("plain", "maybe"))  # type: ignore[attr-defined]
    leaf = {"name": "leaf", "children": None}
    tree = {"name": "root", "children": [leaf, {"name": "b", "children": [leaf], "other": None}]}
    arguments = plain.extensions[DEFINITION].arguments
    converted = conversions.of(arguments)({"tree": tree}, list)["tree"]
    assert [child.name for child in converted.children] == ["leaf", "b"]
    assert converted.other is UNSET
    assert converted.children[1].other is None
    assert isinstance(conversions.of(maybe.extensions[DEFINITION].arguments), partial)
    assert conversions.of(arguments)({"tree": tree}, list)["tree"] == converted


def test_lists_are_copied() -> None:
    default = ["a"]

    @strawberry.type
    class Query:
        @strawberry.field
        def many(self, names: list[str | None]) -> int:
            return len(names)

    made = strawberry.Schema(Query)
    arguments = made._schema.type_map["Query"].fields["many"].extensions[DEFINITION].arguments  # type: ignore[attr-defined]
    converted = Conversions(made).of(arguments)({"names": default}, list)["names"]
    assert converted == default
    assert converted is not default
