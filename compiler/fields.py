"""Tells what resolves a field, by the code that Strawberry made for it: by identity, so that nothing is mistaken."""

from collections.abc import AsyncGenerator
from enum import Enum, auto
from inspect import isasyncgenfunction
from types import CodeType
from typing import Any

import strawberry
from graphql import GraphQLField
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from compiler.metadata import BATCH, PURE


class Kind(Enum):
    """How a field gets its value."""

    PLAIN = auto()  # by the default resolver
    PURE = auto()  # by a function of its parent that has no effects: it may be called again
    BATCHED = auto()  # by a function of all parents
    CALLED = auto()  # by a function
    AWAITED = auto()  # by a function, of which Strawberry makes a coroutine whatever happens
    EVENT = auto()  # it is the event of a subscription
    DELEGATED = auto()  # by whatever graphql-core finds


@strawberry.type
class Sample:
    """Has a field of each kind, to get the code from."""

    plain: str

    @strawberry.field
    def called(self) -> str:
        return self.plain

    @strawberry.field
    async def awaited(self) -> str:
        return self.plain


@strawberry.type
class SampleSubscription:
    @strawberry.subscription
    async def event(self) -> AsyncGenerator[str, None]:
        yield ""


def code_of(function: Any) -> CodeType | None:
    return getattr(function, "__code__", None)


def strawberry_codes() -> dict[CodeType | None, Kind]:
    sample = strawberry.Schema(query=Sample, subscription=SampleSubscription)._schema  # noqa: SLF001 - no public name
    queries, subscriptions = sample.type_map["Sample"], sample.type_map["SampleSubscription"]
    return {
        code_of(queries.fields["plain"].resolve): Kind.PLAIN,  # type: ignore[attr-defined]  # an object type
        code_of(queries.fields["called"].resolve): Kind.CALLED,  # type: ignore[attr-defined]
        code_of(queries.fields["awaited"].resolve): Kind.AWAITED,  # type: ignore[attr-defined]
        code_of(subscriptions.fields["event"].resolve): Kind.EVENT,  # type: ignore[attr-defined]
    }


CODES = strawberry_codes()
HANDLERS = "field_exception_handlers"


def kind_of(definition: GraphQLField) -> tuple[Kind, Any]:
    """Return how a field gets its value, and Strawberry's own definition of it."""
    field = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    kind = CODES.get(code_of(definition.resolve), Kind.DELEGATED)
    if kind is Kind.DELEGATED or not isinstance(field, StrawberryField):
        return Kind.DELEGATED, field
    if type(field).get_result is not StrawberryField.get_result:
        return Kind.DELEGATED, field
    if kind in (Kind.CALLED, Kind.AWAITED) and not is_simple(definition, field):
        return Kind.DELEGATED, field
    return marked(kind, definition, field), field


def marked(kind: Kind, definition: GraphQLField, field: StrawberryField) -> Kind:
    """Return the kind of a field by what its metadata adds."""
    if kind in (Kind.CALLED, Kind.AWAITED) and field.metadata.get(BATCH):
        return Kind.BATCHED
    resolver = field.base_resolver
    is_plain = resolver is not None and not (resolver.info_parameter or definition.args or field.arguments)
    return Kind.PURE if kind is Kind.CALLED and is_plain and field.metadata.get(PURE) else kind


def is_simple(definition: GraphQLField, field: StrawberryField) -> bool:
    """Return whether calling the function of the field's resolver is all that happens."""
    resolver = field.base_resolver
    if field.extensions or resolver is None or type(resolver).__call__ is not StrawberryResolver.__call__:
        return False
    if not callable(resolver.wrapped_func) or isasyncgenfunction(resolver.wrapped_func):
        return False
    return not enclosed(definition.resolve, HANDLERS)


def enclosed(function: Any, name: str) -> Any:
    """Return what a closure holds under a name."""
    return function.__closure__[function.__code__.co_freevars.index(name)].cell_contents
