"""A schema in which everything goes wrong that can, and what one execution of it sees."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig

from loaders.batches import Loader
from tests.support.compiler.leaves import EVEN, QUIET, Even, Leaf, Quiet
from tests.support.compiler.random_data import Moods, RandomData
from tests.support.compiler.things import Thing


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
        for thing in info.context.things(None, "event", first):
            yield thing


class Context:
    """What one execution sees: random data, moods that are the case's own, and a note of what was done.

    `calls` are the paths of resolvers, `loads` the keys that were loaded at once, and `lifted` the batches of fields.
    """

    def __init__(self, data: RandomData, case: str, *, tame: bool = False) -> None:
        self.data = data
        self.moods = Moods(f"{data.seed} {case}", data.harm, tame=tame)
        self.root: Any = data.make("Thing", f"root {case}")
        self.calls: list[Any] = []
        self.loads: list[list[int]] = []
        self.lifted: list[tuple[str, int]] = []
        self.loader: Loader[int, Any] = Loader(self._load, None)

    def number(self, parent: Any) -> int:
        """Return the number of a document or an object, or 0 of what is neither."""
        number: int = parent["seed"] if isinstance(parent, dict) else getattr(parent, "seed", 0)
        return number

    def chance(self, parent: Any, name: str) -> str:
        return f"{self.number(parent)} {name}"

    def thing(self, parent: Any, name: str) -> Any:
        return self.data.make("Thing", self.chance(parent, name))

    def things(self, parent: Any, name: str, first: int) -> list[Any]:
        return [self.thing(parent, f"{name}{number}") for number in range(min(first, 3))]

    def called(self, info: strawberry.Info, result: Any) -> Any:
        self.calls.append(tuple(info.path.as_list()))
        return result

    async def _load(self, keys: Sequence[int]) -> Mapping[int, Any]:
        self.loads.append(list(keys))
        await asyncio.sleep(0)
        if self.moods["load"][0] == "raise":
            raise ValueError("nothing loads")
        return {key: ValueError(f"no {key}") if key == 2 else key for key in keys}


def read_key(document: Any, name: str) -> Any:
    return document.get(name)


SCHEMA = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[Leaf, Thing],
    config=StrawberryConfig(default_resolver=read_key, scalar_map={Even: EVEN, Quiet: QUIET}),
)
