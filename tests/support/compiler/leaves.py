"""The types below all others: leaves of each kind, inputs, and two interfaces that tell types apart."""

import enum
from datetime import date, datetime
from typing import Any, NewType
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry.scalars import JSON

from tests.support.compiler.random_data import behave


@strawberry.enum
class Color(enum.Enum):
    RED = "r"
    GREEN = "g"


@strawberry.enum
class Level(enum.IntEnum):
    LOW = 0
    HIGH = 1


Even = NewType("Even", int)
Quiet = NewType("Quiet", str)


def serialize_even(value: Any) -> int:
    if value % 2:
        raise GraphQLError("odd", extensions={"code": "ODD"})
    return int(value)


EVEN = strawberry.scalar(name="Even", serialize=serialize_even, parse_value=serialize_even)
QUIET = strawberry.scalar(name="Quiet", serialize=lambda value: None if value == "a" else value)


@strawberry.input
class Inner:
    numbers: list[int] = strawberry.field(default_factory=lambda: [1, 2])
    color: Color | None = None


@strawberry.input
class Outer:
    inner: Inner
    many: list[Inner] | None = None
    even: Even | None = None


def marked(document: Any) -> Any:
    """Return the name of the type that a document, or an object, says it is of."""
    return document.get("__typename") if isinstance(document, dict) else getattr(document, "typename", None)


@strawberry.interface
class Node:
    id: strawberry.ID

    @classmethod
    def resolve_type(cls, document: Any, info: Any, _type: Any) -> Any:
        info.context.calls.append((*info.path.as_list(), "resolve_type"))
        return marked(document)


@strawberry.interface
class Named:
    text: str | None

    @classmethod
    def resolve_type(cls, document: Any, *_: Any) -> Any:
        async def later() -> Any:
            return marked(document)

        return later() if behave(document, "later", None) else marked(document)


@strawberry.type
class Leaves:
    text: str | None
    need_text: str
    number: int | None
    need_number: int
    ratio: float | None
    flag: bool | None
    need_flag: bool
    color: Color | None
    need_color: Color
    level: Level | None
    at: datetime | None
    need_at: datetime
    day: date | None
    uuid: UUID | None
    json: JSON | None
    even: Even | None
    need_even: Even
    quiet: Quiet | None
    texts: list[str]
    maybe_texts: list[str | None] | None
    need_numbers: list[list[int]] | None
    evens: list[Even | None]
    colors: list[Color] | None


@strawberry.type
class Leaf(Leaves, Node, Named):
    id: strawberry.ID
    text: str | None

    @classmethod
    def is_type_of(cls, document: Any, *_: Any) -> Any:
        async def later() -> bool:
            return marked(document) == "Leaf"

        return later() if behave(document, "later", None) else marked(document) == "Leaf"
