"""Which profiles to list: the inputs, and their translation into plain values."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import strawberry
from strawberry import UNSET

from schema.enums import described
from storage.filters import AttributeMatch, Comparison, ProfileMatch, ProfileOrderField, TimeRange

described(
    Comparison,
    "How an attribute is compared",
    EQ="Equal",
    NE="Not equal",
    LT="Less",
    LTE="Less or equal",
    GT="Greater",
    GTE="Greater or equal",
    EXISTS="Profile has the attribute; takes no value",
    NOT_EXISTS="Profile does not have the attribute; takes no value",
)
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


@strawberry.input(description="Comparison of one attribute")
class AttributeFilter:
    name: str = strawberry.field(description="Source name of the attribute")
    comparison: Comparison = strawberry.field(
        default=Comparison.EQ, description="How it is compared; a profile without the attribute never matches"
    )
    value: AttributeValueInput | None = strawberry.field(
        default=None, description="What it is compared with; none for EXISTS and NOT_EXISTS"
    )

    def plain(self) -> AttributeMatch:
        return AttributeMatch(self.name, self.comparison, self.value and self.value.plain())


@strawberry.input(description="Range of moments")
class TimeRangeInput:
    since: datetime | None = strawberry.field(
        name="from", default=None, description="First timestamp that belongs to it"
    )
    until: datetime | None = strawberry.field(name="to", default=None, description="First timestamp after it")

    def plain(self) -> TimeRange:
        return TimeRange(self.since, self.until)


@strawberry.input(description="Tags that profiles carry")
class TagFilter:
    any: list[str] | None = strawberry.field(default=None, description="At least one of these")
    all: list[str] | None = strawberry.field(default=None, description="Every one of these")


@strawberry.input(description="Which profiles to list; all conditions that are given must hold")
class ProfileFilter:
    tags: TagFilter | None = strawberry.field(default=None, description="Tags that they carry")
    attributes: list[AttributeFilter] | None = strawberry.field(default=None, description="Attributes, compared")
    recognized: bool | None = strawberry.field(default=None, description="Whether they have an email address")
    created: TimeRangeInput | None = strawberry.field(default=None, description="When they were created")
    last_activity: TimeRangeInput | None = strawberry.field(default=None, description="When they were active last")
    search: str | None = strawberry.field(
        default=None, description="Beginning of the name, of one of its words, or of the email address"
    )

    def plain(self) -> ProfileMatch:
        tags = self.tags or TagFilter()
        return ProfileMatch(
            any_tags=tags.any or (),
            all_tags=tags.all or (),
            attributes=[attribute.plain() for attribute in self.attributes or ()],
            recognized=self.recognized,
            created=(self.created or TimeRangeInput()).plain(),
            last_activity=(self.last_activity or TimeRangeInput()).plain(),
            prefix=self.search,
        )


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
