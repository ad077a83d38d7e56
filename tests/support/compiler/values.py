"""Values of each type: those that are expected of it, and those that are not."""

import asyncio
import enum
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from uuid import UUID

from graphql import GraphQLError, Undefined


class Named:
    """Has the same name each time, since messages of errors show values."""

    def __repr__(self) -> str:
        return type(self).__name__


class NoZone(Named, tzinfo):
    """A time zone that fails."""

    def utcoffset(self, _: Any) -> timedelta:
        raise ValueError("nowhere")


class Soon(Named):
    """A value, or an error, that can be awaited; as often as one likes."""

    def __init__(self, value: Any, ticks: int) -> None:
        self.value = value
        self.ticks = ticks

    def __await__(self) -> Iterator[Any]:
        for _ in range(self.ticks):
            yield from asyncio.sleep(0).__await__()
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


class Flow(Named):
    """A list that is none: it can be read with `for` or, in the other form, with `async for`."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values

    def __iter__(self) -> Iterator[Any]:
        yield from self.values


class AsyncFlow(Named):
    def __init__(self, values: list[Any]) -> None:
        self.values = values

    async def __aiter__(self) -> Any:
        for value in self.values:
            await asyncio.sleep(0)
            yield value


class Record(Named):
    """An object that is read like a dict."""

    def get(self, name: str) -> Any:
        return getattr(self, name)


class Text(str):
    __slots__ = ()


class Wild(enum.Enum):
    RED = "r"


class Abort(BaseException):
    """What no executor may catch."""


WORDS = "", "a", "b", "ω"
GOOD: dict[str, tuple[Any, ...]] = {
    "String": WORDS,
    "ID": ("1", "2"),
    "Int": (0, 1, -1, 2**31 - 1, -(2**31)),
    "Float": (0.0, -0.0, 1.5, 1e300),
    "Boolean": (True, False),
    "Color": ("r", "g"),
    "Level": (0, 1),
    "DateTime": (datetime(2026, 1, 2, 3, 4, 5, 6, UTC), datetime(1, 1, 1)),  # noqa: DTZ001 - naive ones are as good
    "Date": (date(2026, 1, 2),),
    "UUID": (UUID(int=1),),
    "JSON": ({"a": [1, None]}, [], "x", 0, False),
    "Even": (0, 2, 4),
    "Quiet": ("b", "c"),
}
ODD = (
    *(None, 0, 1, True, False, 2**31, -(2**31) - 1, 1.0, 2.5, float("nan"), float("inf"), -float("inf"), 10**400),
    *("", "r", "RED", "7", "true", Text("r"), b"r", Decimal("1.5"), Wild.RED, Undefined, (), [], {}, {"r"}, object),
    *(datetime(2026, 1, 2, tzinfo=NoZone()), UUID(int=2), ("a", "b"), ["a", None], [[1], None], Flow(["a", "b"])),
    *(ValueError("returned"), GraphQLError("told", extensions={"code": "TOLD"}), AsyncFlow(["a", None, "b"])),
)
