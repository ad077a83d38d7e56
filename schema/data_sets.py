"""Data sets: figures as columns and rows."""

from datetime import datetime

import strawberry
from strawberry.scalars import JSON

from resolvers.data_sets import DataRole, DataType
from schema.enums import described

described(
    DataType,
    "What the values of a column are",
    NUMBER="Numbers, or null",
    STRING="Texts, or null",
    BOOLEAN="True or false",
    DATE="Timestamps as texts, or null",
)
described(
    DataRole, "What a chart does with a column", DIMENSION="Says what a row is about", MEASURE="Figure of the row"
)


@strawberry.type(description="Column of a data set")
class DataColumn:
    name: str = strawberry.field(description="Name, unique in the data set")
    type: DataType = strawberry.field(description="What its values are")
    role: DataRole = strawberry.field(description="What a chart does with it")
    unit: str | None = strawberry.field(description="What its numbers count, for example orders; null without one")
    currency: str | None = strawberry.field(description="Currency of its amounts; null for other columns")


@strawberry.type(description="Instants that a data set is of")
class DataWindow:
    since: datetime | None = strawberry.field(name="from", description="First timestamp; null without a beginning")
    until: datetime | None = strawberry.field(name="to", description="First timestamp after it; null without an end")
    time_zone: str = strawberry.field(description="IANA zone that it was counted in")


@strawberry.type(description="Figures as columns and rows, the form that chart libraries take")
class DataSet:
    columns: list[DataColumn] = strawberry.field(description="Columns")
    rows: list[JSON] = strawberry.field(
        description="Rows, each a list of values in the order of the columns; those of a time series begin with from, "
        "to and complete, and empty ones are there"
    )
    window: DataWindow = strawberry.field(description="Window as it was at the time of the operation")
    seq: int = strawberry.field(description="Number of the latest entry of the profile that it counts")
    version: int | None = strawberry.field(description="Version of its definition; null without one")
