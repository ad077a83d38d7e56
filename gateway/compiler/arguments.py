"""Arguments of resolvers: coerced once an operation where nothing can change them, and else for each call."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from graphql.execution.values import get_argument_values
from strawberry import UNSET
from strawberry.types.arguments import convert_arguments

from gateway.compiler.positions import Position, TuplePath

if TYPE_CHECKING:
    from gateway.compiler.runtime import Run

UNCHANGING = {str, int, float, bool, type(None), type(UNSET), datetime, date, time, timedelta, Decimal, UUID}


def arguments(run: "Run", position: Position, path: TuplePath, info: Any) -> dict[str, Any] | None:
    """Return what to call a resolver with; None when it can't be had, and graphql-core is to say why."""
    kept = run.arguments.get(position)
    if kept is not None:
        return kept
    first = position.details[0]
    executor = run.executor
    schema: Any = executor.schema._strawberry_schema  # type: ignore[attr-defined]  # noqa: SLF001 - has no public name
    try:
        given = get_argument_values(
            position.definition,
            first.node,
            executor.variable_values,
            first.fragment_variable_values,
            executor.hide_suggestions,
        )
        converted = convert_arguments(
            given,
            position.field.arguments,
            scalar_registry=schema.schema_converter.scalar_registry,
            config=schema.config,
            info=info(run, position, path),
        )
    except Exception:  # noqa: BLE001 - whatever it is, it happens again where it is reported
        return None
    if are_unchanging(given) and are_unchanging(converted):
        run.arguments[position] = converted
    return converted


def are_unchanging(values: dict[str, Any]) -> bool:
    return all(value.__class__ in UNCHANGING or isinstance(value, Enum) for value in values.values())
