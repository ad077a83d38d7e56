"""A type whose fields get their values in every way that there is, with others of it beneath."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission

from tests.support.compiler.batched import in_batches, in_batches_later
from tests.support.compiler.leaves import Color, Even, Leaf, Leaves, Named, Node, Outer, marked
from tests.support.compiler.random_data import behave, behave_async


class Denied(BasePermission):
    message = "denied"

    def has_permission(self, source: Any, *_: Any, **__: Any) -> bool:
        return behave(source, "permitted", True) is not None


class Loud(FieldExtension):
    def resolve(self, next_: Callable[..., Any], source: Any, info: Any, **given: Any) -> Any:
        return next_(source, info, **given)


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
        made = info.context.things(self, "things", first)
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

    @in_batches
    def batched(self, info: strawberry.Info) -> str | None:
        return info.context.chance(self, "batched")

    @in_batches
    def need_batched(self, info: strawberry.Info) -> Even:
        return Even(2 * info.context.number(self))

    @in_batches_later
    def batched_later(self, info: strawberry.Info) -> int | None:
        return info.context.number(self)

    @in_batches_later
    def need_batched_later(self, info: strawberry.Info) -> str:
        return info.context.chance(self, "later")

    @in_batches
    def batched_thing(self, info: strawberry.Info) -> "Thing":
        return info.context.thing(self, "batched")

    @in_batches_later
    def batched_thing_later(self, info: strawberry.Info) -> "Thing | None":
        return info.context.thing(self, "later")

    @in_batches
    def batched_things(self, info: strawberry.Info, first: int = 2) -> list["Thing | None"] | None:
        return info.context.things(self, "batched", first)

    @in_batches_later
    def batched_things_later(self, info: strawberry.Info, first: int = 2) -> list["Thing"]:
        return info.context.things(self, "later", first)

    @in_batches_later
    def batched_either(self, info: strawberry.Info) -> "Either | None":
        return info.context.data.make("Leaf", info.context.chance(self, "either"))

    @in_batches
    def batched_echo(
        self,
        info: strawberry.Info,
        even: Even | None = None,
        outer: Outer | None = None,
        texts: Annotated[list[str] | None, strawberry.argument(name="words")] = strawberry.UNSET,
    ) -> str | None:
        return f"{info.context.number(self)} {even} {outer} {texts}"

    @in_batches_later
    def batched_echo_later(self, info: strawberry.Info, needed: Outer, color: Color = Color.RED) -> str:
        return f"{info.context.number(self)} {needed} {color}"


Either = Annotated[Leaf | Thing, strawberry.union("Either")]
