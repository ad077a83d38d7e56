"""The gateway's schema as graphql-core has it, and its mutations by name."""

from collections.abc import Mapping
from typing import Any

from graphql import is_abstract_type

from schema import schema

GRAPH = schema._schema
MUTATIONS: Mapping[str, Any] = GRAPH.mutation_type.fields if GRAPH.mutation_type else {}


def possible_types(name: str) -> list[str]:
    """Return the names of the types that a type stands for: its own, or those that implement it."""
    type = GRAPH.type_map[name]
    return [each.name for each in GRAPH.get_possible_types(type)] if is_abstract_type(type) else [name]
