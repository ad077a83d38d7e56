"""Documents of operations made from the schema: everything that a type shows, and inputs as literals."""

import json
import re
from collections.abc import Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
)

NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")
DEEPEST = 10
# Arguments without which a field can't be read.
ARGUMENTS: Mapping[str, str] = {
    "history": 'field: "attributes.shade"',
    "attribute": 'name: "shade"',
    "attributeValues": 'names: ["shade", "born", "sizes"]',
}


def selection(schema: GraphQLSchema, type: Any, *, path: tuple[str, ...] = (), alias: str = "") -> str:
    """Return what selects everything that a type shows; a thing that is met again is told by its id only.

    `alias` keeps the members of a union or interface apart, whose fields may be of different types.
    """
    if isinstance(type, GraphQLUnionType | GraphQLInterfaceType):
        members = (
            f"... on {member.name} {selection(schema, member, path=path, alias=f'{member.name}_')}"
            for member in schema.get_possible_types(type)
        )
        shared = fields_of(schema, type.fields if isinstance(type, GraphQLInterfaceType) else {}, path)
        return f"{{ __typename {shared} {' '.join(members)} }}"
    assert isinstance(type, GraphQLObjectType)
    if len(path) > DEEPEST or type.name in path:
        return "{ id }" if "id" in type.fields else "{ __typename }"
    return f"{{ __typename {fields_of(schema, type.fields, (*path, type.name), alias=alias)} }}"


def fields_of(schema: GraphQLSchema, fields: Mapping[str, Any], path: tuple[str, ...], *, alias: str = "") -> str:
    return " ".join(
        f"{alias and f'{alias}{name}: '}{name}{arguments(name, field)} {below(schema, field, path)}"
        for name, field in fields.items()
        if name in ARGUMENTS or not any(is_required_argument(argument) for argument in field.args.values())
    )


def arguments(name: str, field: Any) -> str:
    given = [ARGUMENTS[name]] if name in ARGUMENTS and ARGUMENTS[name].partition(":")[0] in field.args else []
    given += ["first: 100"] if "first" in field.args else []
    return f"({', '.join(given)})" if given else ""


def below(schema: GraphQLSchema, field: Any, path: tuple[str, ...]) -> str:
    type = get_named_type(field.type)
    return "" if is_leaf_type(type) else selection(schema, type, path=path)


def literal(value: Any, type: Any) -> str:
    """Return a value as it is written into a document; for JSON `type` is whatever has no fields."""
    type = get_nullable_type(type)
    item = type.of_type if is_list_type(type) else type
    match value:
        case Mapping():
            fields = type.fields if isinstance(type, GraphQLInputObjectType) else {}
            inner = (
                f"{key if NAME.fullmatch(key) else json.dumps(key)}: "
                f"{literal(each, fields[key].type if key in fields else type)}"
                for key, each in value.items()
            )
            return f"{{{', '.join(inner)}}}"
        case list():
            return f"[{', '.join(literal(each, item) for each in value)}]"
        case str() if isinstance(get_named_type(type), GraphQLEnumType) and NAME.fullmatch(value):
            return value
        case _:
            return json.dumps(value)
