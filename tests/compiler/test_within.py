"""Objects that have to be there are executed with the one around them, and give what graphql-core gives."""

import asyncio
from operator import itemgetter
from typing import Any

import pytest
import strawberry
from graphql import execute, parse
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from compiler import Knowledge, compiling, pure
from compiler.extents import DEEPEST, MAX_FIELDS
from tests.compiler.test_compiler import read_key
from tests.support.compiler.comparing import LEFT_BEHIND

pytestmark = LEFT_BEHIND
DEEP = DEEPEST * 3


def end_of(link: Any) -> Any:
    return link["name"], link


async def slow(link: strawberry.Parent[Any]) -> str:
    await asyncio.sleep(0)
    if link.get("broken"):
        raise ValueError("broken")
    return str(link["name"])


def by_tuple(resolve: Any, type: Any) -> Any:
    def resolver(root: strawberry.Parent[Any]) -> Any:
        return resolve(root)

    return strawberry.field(resolver, graphql_type=type, metadata=pure(resolve))


@strawberry.type
class End:
    name = by_tuple(itemgetter(0), str)
    link = by_tuple(itemgetter(1), "Link")


@strawberry.type
class Link:
    name: str
    size: int | None
    next: "Link"
    maybe: "Link | None"
    slow = strawberry.field(slow, graphql_type=str)
    end = by_tuple(end_of, End)


@strawberry.type
class Query:
    @strawberry.field(graphql_type=Link)
    def chain(self, length: int, broken: int = -1, without: int = -1, odd: int = -1) -> Any:
        """Return links one in the other; one is broken, one lacks what it should have, and one is none at all."""
        link: Any = {"name": "last", "size": 0}
        for number in reversed(range(length)):
            link = {"name": f"link {number}", "size": number, "next": link, "maybe": link}
            if number == broken:
                link["broken"] = True
            if number == without:
                del link["size"], link["maybe"]
            if number == odd:
                link = "odd"
        return link

    @strawberry.field(graphql_type=list[Link])
    def chains(self) -> Any:
        return [{"name": "whole", "size": 1}, {"name": "without a size"}, {"size": 2}, {"name": "whole", "size": 3}]


CHAIN = strawberry.Schema(Query, config=StrawberryConfig(default_resolver=read_key))


def nested(field: str, depth: int, within: str = "name size slow") -> str:
    return f"{{ {within} {field} " * depth + f"{{ {within} }}" + " }" * depth


async def same(text: str) -> Any:
    """Return what both executors answer."""
    answers = []
    for executor in (StrawberryGraphQLCoreExecutionContext, compiling(1, Knowledge({read_key: str}))):
        for _ in range(2):  # a plan that was used may be another than a new one
            result: Any = execute(CHAIN._schema, parse(text), executor_class=executor)
            result = await result if asyncio.iscoroutine(result) else result
            answers.append((result.data, sorted(map(str, result.errors or ()))))
    assert all(answer == answers[0] for answer in answers)
    return answers[0]


async def test_however_deep_they_are() -> None:
    data, errors = await same(f"{{ chain(length: {DEEP}) {nested('next', DEEP)} }}")
    assert not errors
    for number in range(DEEP):
        data = data["chain" if number == 0 else "next"]
        assert data["slow"] == data["name"] == f"link {number}"


@pytest.mark.parametrize("broken", [0, 1, DEEPEST, DEEPEST + 3])
async def test_a_failure_is_told_once_and_reaches_what_may_be_null(broken: int) -> None:
    data, (error,) = await same(f"{{ chain(length: {DEEP}, broken: {broken}) {nested('next', DEEP)} }}")
    assert data is None
    assert "broken" in error
    data, (error,) = await same(f"{{ chain(length: {DEEP}, broken: {broken}) {nested('maybe', DEEP)} }}")
    assert (data is None) == (broken == 0)


@pytest.mark.parametrize("at", [0, 1, DEEPEST + 1])
async def test_what_is_not_as_it_should_be_is_left_to_graphql_core(at: int) -> None:
    for within in ("name size slow", "size", "slow", "end { name link { size slow } }"):
        for odd in ("without", "odd"):
            for field in ("next", "maybe"):
                await same(f"{{ chain(length: {DEEP}, {odd}: {at}) {nested(field, DEEP, within)} }}")


async def test_a_tuple_is_a_document_where_functions_read_it() -> None:
    data, errors = await same("{ chain(length: 2) { end { name link { name slow end { name } } } } }")
    assert not errors
    assert data["chain"]["end"]["link"] == {"name": "link 0", "slow": "link 0", "end": {"name": "link 0"}}


async def test_a_document_that_lacks_a_key_changes_nothing_for_those_after_it() -> None:
    data, errors = await same("{ chains { size } }")
    assert not errors
    assert [each["size"] for each in data["chains"]] == [1, None, 2, 3]
    data, (error,) = await same("{ chains { name } }")
    assert data is None
    assert "Link.name" in error


@pytest.mark.parametrize("left", range(12))
async def test_where_no_more_is_compiled_types_are_still_named(left: int) -> None:
    names = " ".join(f"a{number}: name" for number in range(MAX_FIELDS // 2 - left))  # each counts twice
    beneath = "__typename slow maybe { __typename slow end { __typename name } }"
    data, errors = await same(f"{{ chain(length: 3) {{ {names} slow next {{ {beneath} }} }} }}")
    assert not errors
    found = data["chain"]["next"]
    assert [each["__typename"] for each in (found, found["maybe"], found["maybe"]["end"])] == ["Link", "Link", "End"]
