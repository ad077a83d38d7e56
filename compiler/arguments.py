"""Arguments of resolvers: coerced once a plan or an operation where nothing can change them, and else for each call."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLArgument,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
    is_enum_type,
)
from graphql.execution.values import get_argument_values
from strawberry import UNSET

from compiler.infos import strawberry_schema
from compiler.inputs import conversions_of
from compiler.leaves import BUILT_IN
from compiler.positions import Position, TuplePath
from compiler.runtime import Run

UNCHANGING = {str, int, float, bool, type(None), type(UNSET), datetime, date, time, timedelta, Decimal, UUID}


def arguments(run: Run, position: Position, path: TuplePath) -> dict[str, Any] | None:
    """Return what to call a resolver with; None when it can't be had, and graphql-core is to say why."""
    kept = run.arguments.get(position) if position.arguments is None else position.arguments
    if kept is not None:
        return kept
    first = position.details[0]
    executor = run.executor
    try:
        given = get_argument_values(
            position.definition,
            first.node,
            executor.variable_values,
            first.fragment_variable_values,
            executor.hide_suggestions,
        )
        if position.convert is None:
            position.convert = conversions_of(strawberry_schema(executor.schema)).of(position.field.arguments)
        converted = position.convert(given, partial(run.infos.info, position, path))
    except Exception:  # noqa: BLE001 - whatever it is, it happens again where it is reported
        return None
    if are_unchanging(given) and are_unchanging(converted):
        run.arguments[position] = converted
        if is_constant(position):
            position.arguments = converted
    return converted


def are_unchanging(values: dict[str, Any]) -> bool:
    return all(value.__class__ in UNCHANGING or isinstance(value, Enum) for value in values.values())


def is_constant(position: Position) -> bool:
    """Return whether the arguments are the same whenever the operation is executed, whatever its variables are."""
    written = {argument.name.value: argument.value for argument in position.nodes[0].arguments or ()}
    return all(is_fixed(definition, written.get(name)) for name, definition in position.definition.args.items())


def is_fixed(definition: GraphQLArgument, written: ValueNode | None) -> bool:
    """Return whether no variable and nobody's code have a say in the value of an argument."""
    if written is None and definition.default is None and definition.default_value is Undefined:
        return True
    type = get_named_type(definition.type)
    return not isinstance(written, VariableNode) and (type in BUILT_IN or is_enum_type(type))
