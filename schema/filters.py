"""What lists are narrowed and ordered by: values, ranges of time, and orders."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import strawberry
from strawberry import UNSET

from schema.enums import described
from storage.conditions import TimeRange
from storage.filters import ProfileOrderField

described(
    ProfileOrderField,
    "What profiles are ordered by",
    CREATED_AT="Time at which the profile was created",
    LAST_ACTIVITY_AT="Time of the last activity",
    NAME="Name to show; needs personal:read",
)


@strawberry.input(description="Value to compare an attribute with, by its type", one_of=True)
class AttributeValueInput:
    string: str | None = strawberry.field(default=UNSET, description="Text")
    number: float | None = strawberry.field(default=UNSET, description="Number")
    date: datetime | None = strawberry.field(default=UNSET, description="Timestamp")
    boolean: bool | None = strawberry.field(default=UNSET, description="Truth value")

    def plain(self) -> Any:
        values = (self.string, self.number, self.date, self.boolean)
        return next(value for value in values if value is not UNSET)


@strawberry.input(description="Range of moments")
class TimeRangeInput:
    since: datetime | None = strawberry.field(
        name="from", default=None, description="First timestamp that belongs to it"
    )
    until: datetime | None = strawberry.field(name="to", default=None, description="First timestamp after it")

    def plain(self) -> TimeRange:
        return TimeRange(self.since, self.until)


class OrderDirection(StrEnum):
    """Direction of an order."""

    ASC = "ASC"
    DESC = "DESC"


described(
    OrderDirection,
    "Direction of an order",
    ASC="From the smallest, oldest or first in the alphabet",
    DESC="From the largest, newest or last in the alphabet",
)


@strawberry.input(description="Order of a list of profiles")
class ProfileOrder:
    field: ProfileOrderField = strawberry.field(
        default=ProfileOrderField.CREATED_AT, description="What they are ordered by"
    )
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.DESC, description="Direction; profiles without activity count as the oldest"
    )
