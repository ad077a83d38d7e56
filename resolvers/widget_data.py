"""Data of widgets as columns and rows."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import orjson

from resolvers.analyses import OPEN
from resolvers.attributes import display
from resolvers.context import Context
from resolvers.data_sets import DataColumnDoc, DataRole, DataSetDoc, DataType, bucket, bucket_columns, column
from resolvers.widget_questions import LISTS, Asked
from storage.columns.histories import History
from storage.dashboards import WidgetKind
from storage.engines.aggregates import OF_GROUPS, Function, Result
from storage.store.ids import time_of
from storage.store.timestamps import write_timestamp

Rows = list[list[Any]]
GROUP, REST, VALUE, COUNT, AT, ACTION = "group", "rest", "value", "count", "occurredAt", "action"
TYPES = {bool: DataType.BOOLEAN, int: DataType.NUMBER, float: DataType.NUMBER, datetime: DataType.DATE}


def data_of(context: Context, asked: Asked, results: Sequence[Result], history: History) -> DataSetDoc:
    """Return what was answered; values of parameters are null for who may not read them, and counts stay (X5)."""
    columns, rows = CONTENTS[asked.computation.widget["kind"]](context, asked, results)
    span = asked.computation.span
    return {
        "columns": columns,
        "rows": rows,
        "window": {"since": span.since, "until": span.until, "timeZone": asked.computation.query["timeZone"]},
        "seq": history.seq,
        "version": asked.computation.version,
    }


def is_masked(context: Context, asked: Asked) -> bool:
    """Return whether the data lacks what senders wrote."""
    of_params = asked.computation.widget["kind"] in (WidgetKind.BREAKDOWN, WidgetKind.TABLE)
    return not context.sees_personal and (of_params or asked.computation.aggregate.function not in OPEN)


def figure(context: Context, asked: Asked, results: Sequence[Result]) -> tuple[list[DataColumnDoc], Rows]:
    (result,) = results
    function = asked.computation.aggregate.function
    if function not in LISTS:
        type, values = told(context, asked, [result])
        return [value_column(asked, type)], [[value] for value in values]
    shown = result.value if context.sees_personal else [None] * len(result.value)
    type, values = typed(shown)
    if function is Function.TOP_N:
        columns = [
            column(VALUE, type, role=DataRole.DIMENSION),
            column(COUNT, DataType.NUMBER, unit="events"),
        ]
        return columns, [[value, count] for value, count in zip(values, result.counts, strict=True)]
    return [column(VALUE, type)], [[value] for value in values]


def time_series(context: Context, asked: Asked, results: Sequence[Result]) -> tuple[list[DataColumnDoc], Rows]:
    type, values = told(context, asked, results)
    bounds = [at for at in asked.question.bounds if at is not None]  # a time series has both ends
    rows = [
        [*bucket(since, until, now=context.now), value]
        for (since, until), value in zip(pairwise(bounds), values, strict=True)
    ]
    return [*bucket_columns(), value_column(asked, type)], rows


def breakdown(context: Context, asked: Asked, results: Sequence[Result]) -> tuple[list[DataColumnDoc], Rows]:
    """Return the greatest groups, and what all others are together."""
    (result,) = results
    named, labels = typed([label if context.sees_personal else None for label, _ in result.groups])
    rest = [] if result.value is None else [result]
    type, values = told(context, asked, [*(group for _, group in result.groups), *rest])
    rows = [
        [label, number == len(labels), value]
        for number, (label, value) in enumerate(zip([*labels, None], values, strict=False))
    ]
    columns = [
        column(GROUP, named, role=DataRole.DIMENSION),
        column(REST, DataType.BOOLEAN, role=DataRole.DIMENSION),
        value_column(asked, type),
    ]
    return columns, rows


def table(context: Context, asked: Asked, results: Sequence[Result]) -> tuple[list[DataColumnDoc], Rows]:
    params = asked.computation.widget["columns"]
    found = results[0].value
    columns = [
        column(AT, DataType.DATE, role=DataRole.DIMENSION),
        column(ACTION, DataType.STRING, role=DataRole.DIMENSION),
    ]
    rows: Rows = [[write_timestamp(time_of(id)), action] for id, action, _ in found]
    for place, param in enumerate(params):
        type, values = typed([given[place] if context.sees_personal else None for _, _, given in found])
        columns.append(column(f"params.{param}" if param in (AT, ACTION) else param, type))
        for row, value in zip(rows, values, strict=True):
            row.append(value)
    return columns, rows


CONTENTS = {
    WidgetKind.FIGURE: figure,
    WidgetKind.ANALYSIS: figure,
    WidgetKind.TIME_SERIES: time_series,
    WidgetKind.BREAKDOWN: breakdown,
    WidgetKind.TABLE: table,
}


def told(context: Context, asked: Asked, results: Sequence[Result]) -> tuple[DataType, list[Any]]:
    """Return the values of a function, and their type."""
    function = asked.computation.aggregate.function
    is_shown = context.sees_personal or function in OPEN
    values = [result.value if is_shown else None for result in results]
    return (DataType.NUMBER, values) if function in OF_GROUPS else typed(values)


def value_column(asked: Asked, type: DataType) -> DataColumnDoc:
    return column(VALUE, type, unit="events" if asked.computation.aggregate.function is Function.COUNT else None)


def typed(values: Sequence[Any]) -> tuple[DataType, list[Any]]:
    """Return values with the type that all have; those of several types are texts, as are lists and objects."""
    found = {TYPES.get(value.__class__, DataType.STRING) for value in values if value is not None}
    if found == {DataType.DATE}:
        return DataType.DATE, [value and write_timestamp(value) for value in values]
    if len(found) == 1 and found != {DataType.STRING}:
        return found.pop(), [*values]
    return DataType.STRING, [*map(text_of, values)]


def text_of(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else display(value)
