"""Documents and objects with what is expected of them and, by chance, with what is not."""

import asyncio
import enum
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from graphql import GraphQLError, GraphQLList, GraphQLNonNull, GraphQLSchema, Undefined, is_leaf_type
from strawberry.schema.schema_converter import GraphQLCoreConverter

TYPES = {"Leaves": 5, "Leaf": 6, "Thing": 6}  # and how many there are of each


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


class World:
    """A few documents of each type that refer to each other; `harm` is how often something is wrong."""

    def __init__(self, schema: GraphQLSchema, random: Random, seed: int, *, objects: bool, harm: float) -> None:
        self._schema = schema
        self._random = random
        self._seed = seed
        self._objects = objects
        self._harm = harm
        self._all: dict[str, list[dict[str, Any]]] = {
            name: [{"__typename": name, "seed": number, "moods": Moods(random, harm)} for number in range(count)]
            for name, count in TYPES.items()
        }
        self._shown = {name: [self._show(each) for each in documents] for name, documents in self._all.items()}
        for name, documents in self._all.items():
            for document, shown in zip(documents, self._shown[name], strict=True):
                document.update(self._fields(name))
                if objects:
                    shown.__dict__.update(document, typename=name)

    def _show(self, document: dict[str, Any]) -> Any:
        return Record() if self._objects else document

    def make(self, name: str, chance: str) -> Any:
        """Return one of the type, the same for the same chance."""
        return Random(f"{self._seed} {chance}").choice(self._shown[name])

    def _fields(self, name: str) -> dict[str, Any]:
        made = {}
        for field in self._schema.type_map[name].fields.values():  # type: ignore[attr-defined]  # an object type
            definition = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
            if definition.base_resolver is None and self._random.random() > self._harm / 4:  # else it is missing
                made[definition.python_name] = self._value(field.type)
        return made

    def _value(self, type: Any, *, required: bool = False) -> Any:
        if isinstance(type, GraphQLNonNull):
            return self._value(type.of_type, required=True)
        drawn = self._random.random()
        if drawn < self._harm:
            return self._odd(type)
        if drawn < 0.15 and not required:
            return None
        if isinstance(type, GraphQLList):
            return [self._value(type.of_type) for _ in range(self._random.randint(0, 3))]
        if is_leaf_type(type):
            return self._random.choice(GOOD[type.name])
        return self._random.choice(self._shown[self._random.choice(self._possible(type))])

    def _possible(self, type: Any) -> list[str]:
        possible = self._schema.get_possible_types(type) if hasattr(type, "resolve_type") else [type]
        return [each.name for each in possible if each.name in TYPES]

    def _odd(self, type: Any) -> Any:
        match self._random.randint(0, 4):
            case 0:
                return Soon(self._value(type), self._random.randint(0, 3))
            case 1:
                return Soon(ValueError("late"), self._random.randint(0, 3))
            case 2 if isinstance(type, GraphQLList):
                values = [self._value(type.of_type) for _ in range(3)]
                return self._random.choice([tuple(values), Flow(values), AsyncFlow(values)])
            case 3:
                return self._random.choice(self._shown[self._random.choice(list(TYPES))])
        return self._random.choice(ODD)


class Moods(dict[str, tuple[str, int]]):
    """How each resolver of a document behaves, drawn when it is first called."""

    KINDS = "raise", "return", "none", "wrong", "soon", "fail soon"

    def __init__(self, random: Random, harm: float) -> None:
        super().__init__()
        self._seed = random.random()
        self._harm = harm

    def __missing__(self, name: str) -> tuple[str, int]:
        random = Random(f"{self._seed} {name}")
        kind = random.choice(self.KINDS) if random.random() < 2 * self._harm else "good"
        if random.random() < self._harm / 20:
            kind = random.choice(["cancel", "abort"])
        self[name] = kind, random.randint(0, 3)
        return self[name]


def behave(source: Any, name: str, value: Any) -> Any:
    """Return what a resolver returns that does not wait: perhaps not the value, and perhaps it raises."""
    if source is None:
        return value
    kind, ticks = (source["moods"] if isinstance(source, dict) else source.moods)[name]
    match kind:
        case "raise":
            raise ValueError(f"{name} raised")
        case "return":
            return GraphQLError(f"{name} returned", extensions={"code": "RETURNED"})
        case "none":
            return None
        case "wrong":
            return ODD[ticks]
        case "soon":
            return Soon(value, ticks)
        case "fail soon":
            return Soon(ValueError(f"{name} failed"), ticks)
    return value


async def behave_async(source: Any, name: str, value: Any) -> Any:
    """Do the same after a while."""
    if source is None:
        return value
    kind, ticks = (source["moods"] if isinstance(source, dict) else source.moods)[name]
    for _ in range(ticks):
        await asyncio.sleep(0)
    if kind == "cancel":
        raise asyncio.CancelledError
    if kind == "abort":
        raise Abort
    return behave(source, name, value)
