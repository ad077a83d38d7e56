"""Data sets: figures as columns and rows, which is the form that chart libraries take."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict

from storage.store.timestamps import write_timestamp


class DataType(StrEnum):
    """What the values of a column are."""

    NUMBER = "NUMBER"
    STRING = "STRING"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"


class DataRole(StrEnum):
    """What a chart does with a column."""

    DIMENSION = "DIMENSION"
    MEASURE = "MEASURE"


class DataColumnDoc(TypedDict):
    """A column; `unit` is what its numbers count, `currency` what its amounts are of."""

    name: str
    type: DataType
    role: DataRole
    unit: str | None
    currency: str | None


class DataWindowDoc(TypedDict):
    """The instants of a window, and the zone that it was counted in."""

    since: datetime | None
    until: datetime | None
    timeZone: str


class DataSetDoc(TypedDict):
    """Rows in the order of the columns; of a profile up to its entry `seq`."""

    columns: list[DataColumnDoc]
    rows: Sequence[Sequence[Any]]
    window: DataWindowDoc
    seq: int
    version: int | None


FROM, TO, COMPLETE = "from", "to", "complete"


def column(
    name: str,
    type: DataType,
    *,
    role: DataRole = DataRole.MEASURE,
    unit: str | None = None,
    currency: str | None = None,
) -> DataColumnDoc:
    return {"name": name, "type": type, "role": role, "unit": unit, "currency": currency}


def bucket_columns() -> list[DataColumnDoc]:
    """Return the columns that each row of a time series begins with."""
    return [
        column(FROM, DataType.DATE, role=DataRole.DIMENSION),
        column(TO, DataType.DATE, role=DataRole.DIMENSION),
        column(COMPLETE, DataType.BOOLEAN, role=DataRole.DIMENSION),
    ]


def bucket(since: datetime, until: datetime, *, now: datetime) -> list[Any]:
    """Return what the row of a bucket begins with; the running one is not complete."""
    return [write_timestamp(since), write_timestamp(until), until < now]
