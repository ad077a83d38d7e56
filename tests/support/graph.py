"""The gateway's schema as graphql-core has it, and its mutations by name."""

from collections.abc import Mapping
from typing import Any

from schema import schema

GRAPH = schema._schema
MUTATIONS: Mapping[str, Any] = GRAPH.mutation_type.fields if GRAPH.mutation_type else {}
