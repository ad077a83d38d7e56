"""What the compiled executor promises beside the same results: what it costs, and what is in its code."""

import asyncio
import re
from importlib.metadata import version
from typing import Any

import pytest
import strawberry
from graphql import DocumentNode, execute, parse
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig

from compiler import CompiledExecutor, Knowledge, compiling, source
from compiler.fields import CODES, Kind

PASSED_WITH = {"graphql-core": "3.3.2", "strawberry-graphql": "0.341.2"}


@pytest.mark.parametrize("package", PASSED_WITH)
def test_the_versions_are_those_that_the_comparison_passed_with(package: str) -> None:
    known, installed = PASSED_WITH[package], version(package)
    assert installed == known, (
        f"The compiler is known to do what {package} {known} does, and {installed} is installed. "
        "Run tests/compiler with --fuzz-examples 5000, read what changed in its executor, then name it here."
    )


def test_each_kind_of_field_is_told_by_its_own_code() -> None:
    assert set(CODES.values()) == {Kind.PLAIN, Kind.CALLED, Kind.AWAITED, Kind.EVENT}
    assert None not in CODES


@strawberry.type
class Item:
    name: str
    size: int | None = None

    @strawberry.field
    def grown(self, names: list[str]) -> list[str]:
        names.append(self.name)
        return names

    @strawberry.field
    async def late(self) -> str:
        await asyncio.sleep(0)
        return self.name.upper()


@strawberry.type
class Query:
    @strawberry.field
    def items(self, names: list[str] | None = None) -> list[Item]:
        return [Item(name=name, size=len(name)) for name in [*(names or ()), "a", "bb"]]

    @strawberry.field
    def nothing(self) -> Item | None:
        return None

    @strawberry.field
    async def forever(self) -> str:
        await asyncio.Event().wait()
        return "never"

    @strawberry.field
    async def hasty(self) -> str | None:
        async with asyncio.timeout(0.001):
            await asyncio.sleep(60)
        return "never"

    @strawberry.field
    async def calm(self) -> str:
        await asyncio.sleep(0.01)
        return "calm"


ITEMS = strawberry.Schema(query=Query)


@strawberry.type
class Part:
    name: str
    parts: list["Part"]


def read_key(document: Any, name: str) -> Any:
    return document.get(name)


PARTS = strawberry.Schema(query=Part, config=StrawberryConfig(default_resolver=read_key))
LEAF = {"name": "leaf", "parts": []}


async def run(executor: type[CompiledExecutor], document: DocumentNode | str, **variables: Any) -> Any:
    parsed = parse(document) if isinstance(document, str) else document
    result = execute(ITEMS._schema, parsed, Query(), executor_class=executor, variable_values=variables)
    return await result if asyncio.iscoroutine(result) else result


async def test_objects_and_their_attributes_are_read() -> None:
    result = await run(compiling(1), "{ items { name size late } }")
    assert result.errors is None
    assert result.data == {"items": [{"name": n, "size": len(n), "late": n.upper()} for n in ("a", "bb")]}


async def test_arguments_are_fresh_for_each_call() -> None:
    executor = compiling(1)
    for text in ('{ items { grown(names: ["x"]) } }', "query ($names: [String!]!) { items { grown(names: $names) } }"):
        result = await run(executor, text, names=["x"])
        assert [item["grown"] for item in result.data["items"]] == [["x", "a"], ["x", "bb"]]


async def test_no_text_of_a_document_gets_into_code(monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []
    made = source.compiled
    monkeypatch.setattr(source, "compiled", lambda text: texts.append(text) or made(text))
    await run(
        compiling(1),
        '{ clientAlias: items(names: ["clientText"]) { ...clientFragment } } '
        "fragment clientFragment on Item { otherAlias: name late }",
    )
    assert texts
    assert not re.search("client|otherAlias|Item|name|late", "\n".join(texts))


def test_a_literal_that_the_package_writes_itself_stays_what_it_is() -> None:
    function = source.Function(set())
    function.write(f"return ('0', {function.literal('first')}, {{{function.literal('second')}: '1'}})")
    assert function.made("")() == ("0", "first", {"second": "1"})


async def test_a_timeout_in_a_resolver_is_its_own() -> None:
    result = await run(compiling(1), "{ hasty calm }")
    assert result.data == {"hasty": None, "calm": "calm"}
    assert [error.path for error in result.errors] == [["hasty"]]


async def test_cancelling_an_operation_cancels_its_resolvers() -> None:
    before = asyncio.all_tasks()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await run(compiling(1), "{ forever again: forever items { late } }")
    left = asyncio.all_tasks() - before
    await asyncio.wait_for(asyncio.gather(*left, return_exceptions=True), 1)


async def test_middleware_still_sees_every_field() -> None:
    seen: list[str] = []

    class Seeing(SchemaExtension):
        def resolve(self, next_: Any, root: Any, info: Any, *args: Any, **given: Any) -> Any:
            seen.append(info.field_name)
            return next_(root, info, *args, **given)

    watched = strawberry.Schema(query=Query, extensions=[Seeing], execution_context_class=compiling(1))
    await watched.execute("{ items { name } }")
    assert seen == ["items", "name", "name"]


async def test_what_is_said_of_documents_holds_only_for_dicts() -> None:
    class Odd(dict[str, Any]):
        def get(self, key: str, *_: Any) -> Any:
            return f"odd {key}"

    executor = compiling(1, Knowledge({read_key: str}))
    for root, name in ((Odd(), "odd name"), ({"name": "plain"}, "plain")):
        result: Any = execute(PARTS._schema, parse("{ name }"), root, executor_class=executor)
        assert result.data == {"name": name}


async def test_nothing_is_compiled_that_is_not_executed(monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []
    made = source.compiled
    monkeypatch.setattr(source, "compiled", lambda text: texts.append(text) or made(text))
    repeated = " ".join(f"a{number}: nothing {{ ...F }}" for number in range(20))
    result = await run(compiling(1), f"{{ {repeated} }} fragment F on Item {{ name size late }}")
    assert result.data == {f"a{number}": None for number in range(20)}
    assert len(texts) == 1


async def test_a_fragment_is_written_twice_at_most_however_often_it_is_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = 0
    made = source.compiled

    def counted(text: str) -> Any:
        nonlocal lines
        lines += text.count("\n")
        return made(text)

    monkeypatch.setattr(source, "compiled", counted)
    twice = "a: parts {{ ...F{0} }} b: parts {{ ...F{0} }}"
    levels = " ".join(f"fragment F{level} on Part {{ {twice.format(level + 1)} }}" for level in range(8))
    document = parse(f"{{ ...F0 }} {levels} fragment F8 on Part {{ name }}")
    executor = compiling(1, Knowledge({read_key: str}))
    result: Any = execute(PARTS._schema, document, {"parts": [LEAF]}, executor_class=executor)
    assert result.errors is None
    assert lines < 600  # and thousands with each spread written out
