"""The schema class: Strawberry's own, with errors left to the gateway and oneOf inputs checked by graphql-core."""

from functools import cache
from typing import Any

import strawberry
from graphql import GraphQLError, GraphQLInputObjectType
from graphql.utilities.print_schema import print_schema_definition
from strawberry.schema.name_converter import NameConverter
from strawberry.types.execution import ExecutionContext
from strawberry.utils.str_converters import to_camel_case


class Names(NameConverter):
    """Strawberry's names, of which it asks again for each argument of each call."""

    def apply_naming_config(self, name: str) -> str:
        return camel_case(name)


camel_case = cache(to_camel_case)


class GatewaySchema(strawberry.Schema):
    """`strawberry.Schema` whose errors are logged, counted and masked in one place: `gateway/execution/faults.py`.

    Strawberry checks oneOf inputs by a validation rule that fails on undefined variables and on fragments.
    graphql-core knows them natively and only has to be told. It also knows descriptions of schemas, which Strawberry
    neither takes nor prints.
    """

    def __init__(self, *args: Any, description: str | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._schema.description = description
        for type in self._schema.type_map.values():
            definition = type.extensions.get("strawberry-definition")
            if isinstance(type, GraphQLInputObjectType) and getattr(definition, "is_one_of", False):
                type.is_one_of = True

    def as_str(self) -> str:
        """Return the schema as text, which begins with its description."""
        return "\n\n".join(filter(None, [print_schema_definition(self._schema), super().as_str()]))

    __str__ = as_str

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Leave the errors to the gateway."""
