"""One grammar of conditions on profiles: a tree of plain values, each of which knows its MongoDB filter.

Lists and counts use it, and whatever else chooses profiles may: a new leaf is a class with a `word` and a `filter`.
Trees are checked before they come here (`resolvers/conditions.py`): none of their lists is empty.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from storage.store.ids import milliseconds
from storage.store.mongo import Document


class Condition(Protocol):
    """What a profile meets or does not meet; `word` is its name in the grammar."""

    word: ClassVar[str]

    def filter(self) -> Document: ...


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
    """One comparison of one attribute; `value` is unused by EXISTS and NOT_EXISTS.

    Of a list, EQ wants one item to be the value, NE none, and the others want one for which they hold.
    """

    word: ClassVar[str] = "attribute"
    name: str
    comparison: Comparison
    value: Any = None

    def filter(self) -> Document:
        if self.comparison is Comparison.NOT_EXISTS:
            return {"attributes.name": {"$ne": self.name}}
        if self.comparison is Comparison.EXISTS:
            return {"attributes.name": self.name}
        operator = f"${self.comparison.value.lower()}"
        return {"attributes": {"$elemMatch": {"name": self.name, "value": {operator: self.value}}}}


@dataclass(frozen=True, slots=True)
class TagMatch:
    """That the profile carries a tag."""

    word: ClassVar[str] = "tag"
    name: str

    def filter(self) -> Document:
        return {"tags.name": self.name}


@dataclass(frozen=True, slots=True)
class RecognizedMatch:
    """Whether the profile has an email address."""

    word: ClassVar[str] = "recognized"
    value: bool

    def filter(self) -> Document:
        return {"recognized": self.value}


@dataclass(frozen=True, slots=True)
class SearchMatch:
    """That the name, one of its words, or the email address begins with `prefix`."""

    word: ClassVar[str] = "search"
    prefix: str

    def filter(self) -> Document:
        return {"search": {"$regex": f"^{re.escape(self.prefix.casefold())}"}}


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
class CreatedMatch:
    """When the profile was created."""

    word: ClassVar[str] = "created"
    within: TimeRange

    def filter(self) -> Document:
        return {"createdAt": self.within.condition()}


@dataclass(frozen=True, slots=True)
class LastActivityMatch:
    """When the profile was active last; one that never was does not match."""

    word: ClassVar[str] = "lastActivity"
    within: TimeRange

    def filter(self) -> Document:
        return {"lastActivityAt": self.within.condition()}


@dataclass(frozen=True, slots=True)
class AllOf:
    """That every one of the conditions is met."""

    word: ClassVar[str] = "all"
    conditions: Sequence[Condition]

    def filter(self) -> Document:
        return together([part.filter() for part in required(self)])


@dataclass(frozen=True, slots=True)
class AnyOf:
    """That at least one of the conditions is met."""

    word: ClassVar[str] = "any"
    conditions: Sequence[Condition]

    def filter(self) -> Document:
        filters = either([part.filter() for part in alternatives(self)])
        return filters[0] if len(filters) == 1 else {"$or": filters}


@dataclass(frozen=True, slots=True)
class Not:
    """That the condition is not met: also by profiles without what it compares."""

    word: ClassVar[str] = "not"
    condition: Condition

    def filter(self) -> Document:
        return {"$nor": [self.condition.filter()]}


def required(condition: Condition) -> Iterator[Condition]:
    """Yield what must hold for the condition to be met, which is as much as can stand beside each other."""
    match condition:
        case AllOf():
            for part in condition.conditions:
                yield from required(part)
        case AnyOf(conditions=[only]) | Not(condition=Not(condition=only)):
            yield from required(only)
        case _:
            yield condition


def alternatives(condition: Condition) -> Iterator[Condition]:
    """Yield the conditions of which one is enough."""
    match condition:
        case AnyOf():
            for part in condition.conditions:
                yield from alternatives(part)
        case AllOf(conditions=[only]) | Not(condition=Not(condition=only)):
            yield from alternatives(only)
        case _:
            yield condition


def together(filters: Sequence[Document]) -> Document:
    """Return the filter that all of them make.

    They stand beside each other, which makes it easier for a server to find their index; those on a key that one is on
    already are in `$and`.
    """
    beside: Document = {}
    repeated = []
    for filter in filters:
        if beside.keys() & filter.keys():
            repeated.append(filter)
        else:
            beside |= filter
    return {**beside, "$and": repeated} if repeated else beside


def either(filters: Sequence[Document]) -> list[Document]:
    """Return filters of which one is enough; the values that a key may be equal to are one `$in`, for its index."""
    equal: defaultdict[str, list[Any]] = defaultdict(list)
    others = []
    for filter in filters:
        ((key, value), *more) = filter.items()
        if more or isinstance(value, dict | list):
            others.append(filter)
        else:
            equal[key].append(value)
    return [*({key: only(values)} for key, values in equal.items()), *others]


def only(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else {"$in": values}
