"""A schema in which everything goes wrong that can, by chance but twice in the same way."""

import asyncio
import enum
from collections.abc import AsyncIterator, Callable
from datetime import date, datetime
from random import Random
from typing import Annotated, Any, NewType
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry.dataloader import DataLoader
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig

from tests.compiler.values import World, behave, behave_async


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


class Denied(BasePermission):
    message = "denied"

    def has_permission(self, source: Any, *_: Any, **__: Any) -> bool:
        return behave(source, "permitted", True) is not None


class Loud(FieldExtension):
    def resolve(self, next_: Callable[..., Any], source: Any, info: Any, **given: Any) -> Any:
        return next_(source, info, **given)


def marked(document: Any) -> Any:
    return document.get("__typename") if isinstance(document, dict) else getattr(document, "typename", None)


@strawberry.interface
class Node:
    id: strawberry.ID

    @classmethod
    def resolve_type(cls, document: Any, info: Any, _type: Any) -> Any:
        info.context.calls.append(("resolve_type", info.path.as_list()))
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


def called(owner: strawberry.Parent[Any], told: strawberry.Info) -> str | None:
    return told.context.called(told, behave(owner, "called", "called"))


@strawberry.type
class Thing(Node):
    id: strawberry.ID
    leaf: Leaf | None
    need_leaf: Leaf
    leaves: Leaves | None
    need_leaves: Leaves
    many: list[Leaf]
    maybe_many: list[Leaf | None] | None
    plain_many: list[Leaves]
    grid: list[list[Leaves | None]] | None
    node: Node | None
    nodes: list[Node | None]
    need_nodes: list[Node]
    named: Named | None
    either: "Either | None"
    others: list["Either"] | None
    thing: "Thing | None"
    need_thing: "Thing"

    @classmethod
    def is_type_of(cls, document: Any, info: Any) -> bool:
        return marked(document) in ("Thing", None) and info.field_name != "nobody"

    called: str | None = strawberry.field(called)

    @strawberry.field
    def by_root(root, info: strawberry.Info) -> str:  # noqa: N805 - a name that Strawberry knows
        return info.context.called(info, behave(root, "by_root", "by_root"))

    @strawberry.field
    async def awaited(self, info: strawberry.Info) -> str:
        return info.context.called(info, await behave_async(self, "awaited", "awaited"))

    @strawberry.field
    def called_thing(self, info: strawberry.Info) -> "Thing | None":
        return info.context.called(info, behave(self, "called_thing", info.context.thing(self, "called")))

    @strawberry.field
    async def awaited_thing(self, info: strawberry.Info) -> "Thing":
        return info.context.called(info, await behave_async(self, "awaited_thing", info.context.thing(self, "awaited")))

    @strawberry.field
    async def things(self, info: strawberry.Info, first: int = 2) -> list["Thing"]:
        made = [info.context.thing(self, f"things{number}") for number in range(min(first, 3))]
        return info.context.called(info, await behave_async(self, "things", made))

    @strawberry.field
    async def loaded(self, info: strawberry.Info, key: int = 1) -> int | None:
        return await info.context.loader.load(key)

    @strawberry.field
    async def need_loaded(self, info: strawberry.Info) -> int:
        await behave_async(self, "need_loaded", None)
        return await info.context.loader.load(len(info.path.as_list()))

    @strawberry.field
    def echo(
        self,
        info: strawberry.Info,
        number: int = 3,
        even: Even | None = None,
        color: Color = Color.GREEN,
        outer: Outer | None = None,
        texts: Annotated[list[str] | None, strawberry.argument(name="words")] = strawberry.UNSET,
        id: strawberry.ID | None = None,
    ) -> str | None:
        said = f"{number} {even} {color} {outer} {texts} {id}"
        if isinstance(texts, list):
            texts.append("changed")
        if outer:
            outer.inner.numbers.append(0)
        return info.context.called(info, said)

    @strawberry.field
    async def echo_later(self, info: strawberry.Info, needed: Outer, missing: int | None) -> str:
        needed.inner.numbers.clear()
        return info.context.called(info, f"{needed} {missing}")

    @strawberry.field
    def place(self, info: strawberry.Info) -> str:
        """Tell everything that an info tells."""
        shown = [field.name for field in info.selected_fields]
        place = info.path.as_list(), info.field_name, info.python_name, str(info.return_type), shown
        return f"{place} {sorted(info.variable_values)} {marked(info.root_value)} {info._raw_info.parent_type}"

    @strawberry.field(permission_classes=[Denied])
    def guarded(self, info: strawberry.Info) -> str | None:
        return info.context.called(info, behave(self, "guarded", "guarded"))

    @strawberry.field(extensions=[Loud()])
    def loud(self, info: strawberry.Info) -> str:
        return info.context.called(info, behave(self, "loud", "loud"))

    @strawberry.field
    async def hasty(self) -> str | None:
        async with asyncio.timeout(0):
            await asyncio.sleep(1)
        return "never"


Either = Annotated[Leaf | Thing, strawberry.union("Either")]


@strawberry.type
class Query(Thing):
    @strawberry.field
    def root_thing(self, info: strawberry.Info) -> Thing:
        return info.context.thing(None, "root")

    @strawberry.field
    async def maybe_thing(self, info: strawberry.Info) -> Thing | None:
        return info.context.thing(None, "maybe")

    @strawberry.field
    async def stream(self, info: strawberry.Info) -> list[Thing | None]:
        async def later(number: int) -> Any:
            return info.context.thing(None, f"stream{number}")

        return [later(number) if number % 2 else info.context.thing(None, f"stream{number}") for number in range(4)]


@strawberry.type
class Mutation:
    @strawberry.mutation
    def change(self, info: strawberry.Info) -> Thing | None:
        return info.context.thing(None, "changed")


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def events(self, info: strawberry.Info, first: int = 2) -> AsyncIterator[Thing]:
        for number in range(min(first, 3)):
            yield info.context.thing(None, f"event{number}")


class Context:
    """What one execution sees: a world of its own, made by the same chance, and a note of what was done."""

    def __init__(self, seed: int, *, objects: bool, harm: float) -> None:
        self.world = World(SCHEMA._schema, Random(seed), seed, objects=objects, harm=harm)
        self.calls: list[Any] = []
        self.batches: list[Any] = []
        self.loader: DataLoader[int, Any] = DataLoader(self._load)

    def thing(self, root: Any, name: str) -> Any:
        return self.world.make("Thing", f"{marked_seed(root)} {name}")

    def called(self, info: strawberry.Info, result: Any) -> Any:
        self.calls.append(info.path.as_list())
        return result

    async def _load(self, keys: list[int]) -> list[Any]:
        self.batches.append(keys)
        await asyncio.sleep(0)
        if len(keys) > 5:
            raise ValueError("too many")
        return [ValueError(f"no {key}") if key == 2 else key for key in keys]


def marked_seed(root: Any) -> Any:
    return root["seed"] if isinstance(root, dict) else getattr(root, "seed", "")


def read_key(document: Any, name: str) -> Any:
    return document.get(name)


SCHEMA = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[Leaf, Thing],
    config=StrawberryConfig(default_resolver=read_key, scalar_map={Even: EVEN, Quiet: QUIET}),
)
