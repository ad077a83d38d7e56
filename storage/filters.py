"""Which profiles to list, in which order: conditions as MongoDB filters that an index serves."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from storage.store.ids import milliseconds
from storage.store.mongo import Document


class ProfileOrderField(StrEnum):
    """What a list of profiles can be ordered by; each is one index."""

    CREATED_AT = "CREATED_AT"
    LAST_ACTIVITY_AT = "LAST_ACTIVITY_AT"
    NAME = "NAME"


ORDER_KEYS = {
    ProfileOrderField.CREATED_AT: "_id",
    ProfileOrderField.LAST_ACTIVITY_AT: "orderKeys.lastActivityAt",
    ProfileOrderField.NAME: "orderKeys.name",
}


class Comparison(StrEnum):
    """How an attribute is compared; each but NOT_EXISTS wants the profile to have the attribute."""

    EQ = "EQ"
    NE = "NE"
    LT = "LT"
    LTE = "LTE"
    GT = "GT"
    GTE = "GTE"
    EXISTS = "EXISTS"
    NOT_EXISTS = "NOT_EXISTS"


@dataclass(frozen=True, slots=True)
class AttributeMatch:
    """One comparison of one attribute; `value` is unused by EXISTS and NOT_EXISTS."""

    name: str
    comparison: Comparison
    value: Any = None

    def condition(self) -> Document:
        if self.comparison is Comparison.NOT_EXISTS:
            return {"attributes.name": {"$ne": self.name}}
        if self.comparison is Comparison.EXISTS:
            return {"attributes.name": self.name}
        operator = f"${self.comparison.value.lower()}"
        return {"attributes": {"$elemMatch": {"name": self.name, "value": {operator: self.value}}}}


# Milliseconds within which an id is drawn before its profile is made.
DRAWN_WITHIN = 60_000


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A range of moments: `since` belongs to it, `until` does not."""

    since: datetime | None = None
    until: datetime | None = None

    def condition(self) -> Document:
        bounds = {"$gte": self.since, "$lt": self.until}
        return {operator: at for operator, at in bounds.items() if at is not None}

    def keys(self, *, length: int, slack: int) -> Document:
        """Return a range of keys that begin with milliseconds, wider than this one by `slack` of them at each end."""
        slacks = {"$gte": -slack, "$lt": slack}
        return {
            operator: max(0, milliseconds(at) + slacks[operator]).to_bytes(6, "big") + bytes(length - 6)
            for operator, at in self.condition().items()
        }


@dataclass(frozen=True, slots=True)
class ProfileMatch:
    """Which profiles to list: all conditions that are given must hold."""

    any_tags: Sequence[str] = ()
    all_tags: Sequence[str] = ()
    attributes: Sequence[AttributeMatch] = ()
    recognized: bool | None = None
    created: TimeRange = field(default_factory=TimeRange)
    last_activity: TimeRange = field(default_factory=TimeRange)
    prefix: str | None = None

    def condition(self, order: ProfileOrderField) -> Document:
        """Return the MongoDB filter for a list in this order.

        Conditions stand beside each other, which makes it easier for a server to find their index; those on a key that
        one is on already are in `$and`. A range of what the list is ordered by is one of its order key.
        """
        conditions: list[Document] = [match.condition() for match in self.attributes]
        if self.any_tags:
            conditions.append({"tags.name": {"$in": list(self.any_tags)}})
        conditions += [{"tags.name": name} for name in self.all_tags]
        if self.recognized is not None:
            conditions.append({"recognized": self.recognized})
        if created := self.created.condition():
            conditions.append({"createdAt": created})
        if active := self.last_activity.condition():
            conditions.append({"lastActivityAt": active})
        if self.prefix:
            conditions.append({"search": {"$regex": f"^{re.escape(self.prefix.casefold())}"}})
        ranged = {
            ProfileOrderField.CREATED_AT: self.created.keys(length=16, slack=DRAWN_WITHIN),
            ProfileOrderField.LAST_ACTIVITY_AT: self.last_activity.keys(length=22, slack=1),
        }
        if keys := ranged.get(order):
            conditions.append({ORDER_KEYS[order]: keys})
        return together(conditions)


def together(conditions: Sequence[Document]) -> Document:
    """Return the filter that all conditions make, each of which has one key."""
    filter: Document = {}
    repeated = []
    for condition in conditions:
        if filter.keys() & condition.keys():
            repeated.append(condition)
        else:
            filter |= condition
    return {**filter, "$and": repeated} if repeated else filter
