"""Conversion of coerced arguments to what resolvers take, as Strawberry's own does it, but told once for each type."""

from collections.abc import Callable, Sequence
from dataclasses import MISSING
from functools import lru_cache, partial
from typing import Any

from strawberry import UNSET
from strawberry.relay.types import GlobalID
from strawberry.scalars import is_scalar
from strawberry.types.arguments import StrawberryArgument, convert_arguments
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional, has_object_definition
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition

Convert = Callable[[Any], Any]
Given = Callable[[dict[str, Any], Callable[[], Any]], dict[str, Any]]  # of coerced values, and what makes an info
MOST_SCHEMAS = 16


class UnknownInputError(Exception):
    """A type that only Strawberry converts, such as one with a conversion of its own."""


class Conversions:
    """How the inputs of one schema are converted; each type is looked at once."""

    def __init__(self, strawberry_schema: Any) -> None:
        self._config = strawberry_schema.config
        self._scalars = strawberry_schema.schema_converter.scalar_registry
        self._inputs: dict[Any, Convert] = {}

    def of(self, arguments: list[StrawberryArgument]) -> Given:
        """Return what does for these arguments what `convert_arguments` does."""
        names = self._config.name_converter.from_argument
        try:
            found = [(str(each.python_name), names(each), self._of(each.type)) for each in arguments]
        except UnknownInputError:
            return partial(self._by_strawberry, arguments)
        return lambda values, _: given(found, values)

    def _by_strawberry(
        self, arguments: list[StrawberryArgument], values: dict[str, Any], info: Callable[[], Any]
    ) -> dict[str, Any]:
        return convert_arguments(values, arguments, self._scalars, self._config, info())

    def _of(self, type: Any) -> Convert:
        """Return what converts values of a type."""
        if isinstance(type, StrawberryMaybe):
            raise UnknownInputError
        if isinstance(type, StrawberryOptional):
            return self._of(type.of_type)
        if isinstance(type, StrawberryList):
            inner = type.of_type
            of_leaf = inner.of_type if isinstance(inner, StrawberryOptional) else inner
            return copied if self._is_leaf(of_leaf) else partial(each_of, self._of(inner))
        if self._is_leaf(type) or has_enum_definition(type):
            return as_it_is
        if has_object_definition(type):
            return self._inputs.get(type) or self._input(type)
        raise UnknownInputError

    def _is_leaf(self, type: Any) -> bool:
        if type is GlobalID:
            raise UnknownInputError
        return isinstance(type, StrawberryEnumDefinition) or is_scalar(type, self._scalars)

    def _input(self, type: Any) -> Convert:
        definition = type.__strawberry_definition__
        if definition.from_input is not None or not definition.is_input:
            raise UnknownInputError
        fields = definition.fields
        absent = dict.fromkeys(
            field.python_name for field in fields if field.default_value is MISSING and field.default_factory is MISSING
        )
        found: list[tuple[str, str, Convert]] = []

        def made(value: Any) -> Any:
            return value if value is None or value is UNSET else type(**{**absent, **given(found, value)})

        self._inputs[type] = made  # one may hold itself
        names = self._config.name_converter.from_field
        try:
            for field in fields:
                convert = self._of(field.resolve_type(type_definition=definition))
                found.append((field.python_name, names(field), convert))
        except UnknownInputError:
            self._inputs.clear()  # others may hold this one
            raise
        return made


@lru_cache(MOST_SCHEMAS)
def conversions_of(strawberry_schema: Any) -> Conversions:
    return Conversions(strawberry_schema)


def given(found: Sequence[tuple[str, str, Convert]], values: Any) -> dict[str, Any]:
    """Return the values that are there, converted, by their names in Python."""
    return {python_name: convert(values[name]) for python_name, name, convert in found if name in values}


def as_it_is(value: Any) -> Any:
    return value


def copied(value: Any) -> Any:
    """Return a list of its own for each call: graphql-core gives the same default to all."""
    return value if value is None or value is UNSET else list(value)


def each_of(convert: Convert, value: Any) -> Any:
    return value if value is None or value is UNSET else [convert(item) for item in value]
