"""The grammar of conditions on profiles: the inputs, and their translation into plain values."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from schema.enums import described
from schema.filters import AttributeValueInput, TimeRangeInput
from storage.conditions import (
    AllOf,
    AnyOf,
    AttributeMatch,
    Comparison,
    Condition,
    CreatedMatch,
    LastActivityMatch,
    Not,
    RecognizedMatch,
    SearchMatch,
    TagMatch,
)

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


@strawberry.input(description="Comparison of one attribute")
class AttributeCondition:
    name: str = strawberry.field(description="Source name of the attribute, which has a definition")
    comparison: Comparison = strawberry.field(
        default=Comparison.EQ,
        description="How it is compared. A profile without the attribute meets NOT_EXISTS only, not even NE; negate EQ "
        "by not where it is to be met. Of a list, EQ wants one item to be the value, NE none, and LT, LTE, GT and GTE "
        "want one item for which they hold. Truth values have no order",
    )
    value: AttributeValueInput | None = strawberry.field(
        default=None,
        description="What it is compared with, of the type of the attribute, or of a list's items; none for EXISTS and "
        "NOT_EXISTS",
    )

    def plain(self) -> AttributeMatch:
        return AttributeMatch(self.name, self.comparison, self.value and self.value.plain())


@strawberry.input(description="Tag that profiles carry")
class TagCondition:
    name: str = strawberry.field(description="Name of the tag, which is in the catalogue")

    def plain(self) -> TagMatch:
        return TagMatch(self.name)


@strawberry.input(
    description="Condition on profiles: one comparison, or others joined by all, any and not. It is nested at most 5 "
    "deep and has at most 20 comparisons; names that the workspace does not have are told",
    one_of=True,
)
class ProfileCondition:
    all: list["ProfileCondition"] | None = strawberry.field(default=UNSET, description="Every one of these is met")
    any: list["ProfileCondition"] | None = strawberry.field(default=UNSET, description="At least one of these is met")
    not_: "ProfileCondition | None" = strawberry.field(
        name="not",
        default=UNSET,
        description="This is not met: also by profiles without the attribute that it compares",
    )
    attribute: AttributeCondition | None = strawberry.field(default=UNSET, description="Attribute, compared")
    tag: TagCondition | None = strawberry.field(default=UNSET, description="Tag that they carry")
    recognized: bool | None = strawberry.field(default=UNSET, description="Whether they have an email address")
    created: TimeRangeInput | None = strawberry.field(default=UNSET, description="When they were created")
    last_activity: TimeRangeInput | None = strawberry.field(
        default=UNSET, description="When they were active last; those that never were are in no range"
    )
    search: str | None = strawberry.field(
        default=UNSET,
        description="Beginning of the name, of one of its words, or of the email address, in any case of letters",
    )

    def plain(self) -> Condition:
        """Return the condition that says the same; the schema sees to it that exactly one is given."""
        given = ((make, getattr(self, name)) for name, make in MAKERS.items())
        return next(make(value) for make, value in given if value is not UNSET)


MAKERS: Mapping[str, Callable[[Any], Condition]] = {
    "all": lambda given: AllOf(tuple(each.plain() for each in given)),
    "any": lambda given: AnyOf(tuple(each.plain() for each in given)),
    "not_": lambda given: Not(given.plain()),
    "attribute": AttributeCondition.plain,
    "tag": TagCondition.plain,
    "recognized": RecognizedMatch,
    "created": lambda given: CreatedMatch(given.plain()),
    "last_activity": lambda given: LastActivityMatch(given.plain()),
    "search": SearchMatch,
}

Filter = Annotated[
    ProfileCondition | None, strawberry.argument(description="Condition that the profiles meet; all without one")
]


def condition_of(filter: ProfileCondition | None) -> Condition | None:
    return filter.plain() if filter else None
