"""Leaves whose values need no serializer, or one that is known to be harmless: both are told by identity."""

from collections.abc import Callable, Container
from contextlib import suppress
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLScalarType,
    GraphQLString,
    Undefined,
)
from strawberry.scalars import JSON
from strawberry.schema.types.base_scalars import isoformat
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.scalar import identity


class Fast(NamedTuple):
    """An expression of Python that says whether the value `{x}` is serialized fast.

    Then the result is in `{y}` if `made`, and else is the value itself.
    """

    test: str
    made: bool = False
    constants: tuple[Any, ...] = ()  # which `{0}` and `{1}` stand for


TEXT = Fast("{x}.__class__ is str")
BUILT_IN = {
    GraphQLString: TEXT,
    GraphQLID: TEXT,
    GraphQLInt: Fast("{x}.__class__ is int and -2147483648 <= {x} <= 2147483647"),
    GraphQLBoolean: Fast("({x} is True or {x} is False)"),
    GraphQLFloat: Fast("{x}.__class__ is float and {x} - {x} == 0.0"),  # not so for infinities and NaN
}
ENUM = "({y} := {0}.get(id({x})) or (t := {1}.get({x}.__class__)) and t.get({x})) is not None"
JSON_LIKE = frozenset({str, int, float, bool, list, dict})
MOMENTS = frozenset({datetime, date, time})

# Serializers, with the exact classes of values that they take without calling anybody's code.
KNOWN: dict[Any, frozenset[type]] = {
    identity: JSON_LIKE,
    DEFAULT_SCALAR_REGISTRY[JSON].serialize: JSON_LIKE,
    isoformat: MOMENTS,
    datetime.isoformat: frozenset({datetime}),
    date.isoformat: frozenset({date}),
    str: frozenset({UUID, Decimal}),
}


class OddValueError(Exception):
    """A value is not what was expected, and graphql-core is to say what becomes of it.

    Each is raised once: one that all share would hold the frames of everybody who has raised it, by its traceback.
    """


MOST_ZONES = 64


class Zones(dict[tzinfo | None, bool]):
    """Whether date-times of a zone look the same from orjson: those that are whole minutes away, always as many."""

    def __missing__(self, zone: tzinfo | None) -> bool:
        if len(self) >= MOST_ZONES:
            self.clear()
        offset = None if zone is None else zone.utcoffset(None)
        self[zone] = zone is None or (offset is not None and not offset % timedelta(minutes=1))
        return self[zone]


ZONES = Zones()
KEPT = Fast("{x}.__class__ is {0} and (({y} := {x}.tzinfo) is None or {1}[{y}])", constants=(datetime, ZONES))


def converter(type: GraphQLScalarType | GraphQLEnumType, is_awaitable: Callable[[Any], bool]) -> Callable[[Any], Any]:
    """Return what serializes any value of a type, or raises."""
    serialize = type.coerce_output_value

    def convert(value: Any) -> Any:
        if value is None or value is Undefined or isinstance(value, Exception) or is_awaitable(value):
            raise OddValueError
        converted = serialize(value)
        if converted is None or converted is Undefined or is_awaitable(converted):
            raise OddValueError
        return converted

    return convert


def fast_leaf(type: GraphQLScalarType | GraphQLEnumType, kept: Container[Any] = ()) -> Fast | None:
    """Return the fast way to serialize values of a type, if there is one."""
    if isinstance(type, GraphQLEnumType):
        return Fast(ENUM, made=True, constants=enum_names(type))
    if type in BUILT_IN:
        return BUILT_IN[type]
    serialize = type.coerce_output_value
    try:
        if serialize in kept:
            return KEPT
        classes = KNOWN.get(serialize)
    except TypeError:  # it can't be hashed
        return None
    if not classes:
        return None
    if classes is JSON_LIKE:
        return Fast("({x}.__class__ is dict or {x}.__class__ in {0})", constants=(classes,))
    test = "{x}.__class__ in {0} and ({y} := {1}({x})) is not None"
    return Fast(test, made=True, constants=(classes, partial(harmless, serialize)))


def harmless(serialize: Callable[[Any], Any], value: Any) -> Any:
    """Serialize a value, and give None where it fails, as for times in a zone that does."""
    try:
        return serialize(value)
    except Exception:  # noqa: BLE001 - it happens again where it is reported
        return None


def enum_names(type: GraphQLEnumType) -> tuple[dict[int, str], dict[type, dict[Any, str]]]:
    """Return what the type itself serializes its members to, by their identity, and their values, by class.

    Members have a hash in Python, which takes as long as all the rest. True is not 1.
    """
    members: dict[int, str] = {}
    values: dict[Any, dict[Any, str]] = {}
    for member in getattr(type, "wrapped_cls", ()):
        with suppress(Exception):  # it happens again where it is reported
            members[id(member)] = type.coerce_output_value(member)
    for each in type.values.values():
        if each.value.__class__ in (str, int):
            with suppress(Exception):
                values.setdefault(each.value.__class__, {})[each.value] = type.coerce_output_value(each.value)
    return members, values
