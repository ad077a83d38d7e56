"""A batched field is resolved once for all parents at a level, by the batch that its metadata names."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
import strawberry
from graphql import execute, parse
from strawberry.schema.config import StrawberryConfig

from compiler import batch, compiling


def noted(info: Any, name: str, parents: Sequence[Any], **given: Any) -> None:
    info.context.append((name, [parent["name"] for parent in parents], given))


def children(info: Any, parents: Sequence[Any], count: int) -> list[Any]:
    noted(info, "children", parents, count=count)
    return [[{"name": f"{parent['name']}{number}"} for number in range(count)] for parent in parents]


async def later(info: Any, parents: Sequence[Any]) -> tuple[str, ...]:
    noted(info, "later", parents)
    await asyncio.sleep(0)
    return tuple(parent["name"].upper() for parent in parents)


def one_fails(_: Any, parents: Sequence[Any]) -> list[Any]:
    return [ValueError("this one") if parent["name"] == "a" else "good" for parent in parents]


def all_fail(*_: Any) -> list[str]:
    raise ValueError("all")


async def all_fail_later(*_: Any) -> list[str]:
    await asyncio.sleep(0)
    raise ValueError("all")


def too_few(_: Any, parents: Sequence[Any]) -> list[str]:
    return ["good" for _ in parents[1:]]


async def too_many(_: Any, parents: Sequence[Any]) -> list[str]:
    return ["good" for _ in [*parents, None]]


@strawberry.type
class Item:
    """Its resolvers are not to be called where its batches are: one that is fails its test."""

    name: str

    @strawberry.field(metadata=batch(children))
    def children(self, count: int = 1) -> list["Item"]:
        raise NotImplementedError

    @strawberry.field(metadata=batch(later))
    async def later(self) -> str:
        raise NotImplementedError

    @strawberry.field(metadata=batch(one_fails))
    def one_fails(self) -> str | None:
        raise NotImplementedError

    @strawberry.field(metadata=batch(all_fail))
    def all_fail(self) -> str | None:
        raise NotImplementedError

    @strawberry.field(metadata=batch(all_fail_later))
    def all_fail_later(self) -> str | None:
        raise NotImplementedError

    @strawberry.field(metadata=batch(too_few))
    def too_few(self) -> str | None:
        raise NotImplementedError

    @strawberry.field(metadata=batch(too_many))
    async def too_many(self) -> str | None:
        raise NotImplementedError


@strawberry.type
class Query:
    @strawberry.field
    def items(self) -> list[Item | None]:
        return [{"name": "a"}, None, {"name": "b"}]  # type: ignore[list-item]  # documents, as ours are

    @strawberry.field
    async def none(self) -> list[Item]:
        return []


def read_key(document: Any, name: str) -> Any:
    return document[name]


SCHEMA = strawberry.Schema(query=Query, config=StrawberryConfig(default_resolver=read_key))


async def run(query: str) -> tuple[Any, list[Any]]:
    """Return the result, and the batches with the names of their parents and their arguments."""
    batches: list[Any] = []
    result: Any = execute(SCHEMA._schema, parse(query), {}, batches, executor_class=compiling(1))
    return (await result if asyncio.iscoroutine(result) else result), batches


async def test_a_batch_is_called_once_for_all_parents_at_a_level() -> None:
    result, batches = await run("{ items { name children(count: 2) { later children { name } } } }")
    assert result.errors is None
    first, missing, _ = result.data["items"]
    assert missing is None
    assert first["children"][1] == {"later": "A1", "children": [{"name": "a10"}]}
    below = ["a0", "a1", "b0", "b1"]
    assert sorted(batches, key=str) == [
        ("children", ["a", "b"], {"count": 2}),
        ("children", below, {"count": 1}),
        ("later", below, {}),
    ]


async def test_each_alias_has_a_batch_of_its_own() -> None:
    result, batches = await run("{ items { one: children { name } two: children(count: 2) { name } } }")
    assert [len(result.data["items"][0][name]) for name in ("one", "two")] == [1, 2]
    assert sorted(given["count"] for _, _, given in batches) == [1, 2]


async def test_without_parents_there_is_no_batch() -> None:
    result, batches = await run("{ none { later } }")
    assert (result.data, result.errors, batches) == ({"none": []}, None, [])


@pytest.mark.parametrize("name", ["allFail", "allFailLater", "tooFew", "tooMany"])
async def test_what_fails_as_a_whole_fails_for_each_parent(name: str) -> None:
    result, _ = await run(f"{{ items {{ name {name} }} }}")
    assert [item and item[name] for item in result.data["items"]] == [None, None, None]
    assert sorted(map(str, (error.path for error in result.errors))) == [
        f"['items', {number}, '{name}']" for number in (0, 2)
    ]
    assert len({error.message for error in result.errors}) == 1
    assert result.errors[0].message


async def test_an_exception_among_the_values_fails_its_parent() -> None:
    result, _ = await run("{ items { oneFails } }")
    assert result.data["items"] == [{"oneFails": None}, None, {"oneFails": "good"}]
    assert [(error.message, error.path) for error in result.errors] == [("this one", ["items", 0, "oneFails"])]
