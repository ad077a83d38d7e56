"""What an operation uses that is deprecated is in its answers, and costs those nothing that use nothing of the kind."""

from collections.abc import AsyncIterator
from enum import Enum
from typing import Annotated, Any

import pytest
import strawberry

from gateway.execution import deprecations, documents
from gateway.execution.documents import Documents
from gateway.execution.engine import Engine
from gateway.execution.operation import Operation
from gateway.settings import Settings
from gateway.telemetry.metrics import Metrics
from tests.support.sample_schema import a_credential, an_engine, make_context

GONE = "goes on 2027-03-01"


@strawberry.enum
class Size(Enum):
    SMALL = "SMALL"
    LITTLE = strawberry.enum_value("LITTLE", deprecation_reason=f"Use SMALL instead; {GONE}")


@strawberry.input
class Wish:
    size: Size | None = None
    word: str | None = strawberry.field(default=None, deprecation_reason=f"Use size instead; {GONE}")
    inner: "list[Wish] | None" = None
    other: strawberry.scalars.JSON | None = None


@strawberry.interface
class Named:
    name: str = "name"
    called: str = strawberry.field(default="name", deprecation_reason=f"Use name instead; {GONE}")


@strawberry.type
class Thing(Named):
    @strawberry.field
    def part(self, wish: Wish | None = None) -> "Thing":  # noqa: ARG002 - for the schema
        return Thing()


@strawberry.type
class Query:
    @strawberry.field
    def thing(
        self,
        size: Size | None = None,  # noqa: ARG002 - for the schema
        wishes: list[Wish] | None = None,  # noqa: ARG002 - for the schema
        big: Annotated[bool, strawberry.argument(deprecation_reason=f"Use size instead; {GONE}")] = False,  # noqa: ARG002 - for the schema
    ) -> Thing:
        return Thing()

    @strawberry.field
    def named(self) -> Named:
        return Thing()

    @strawberry.field(deprecation_reason=f"Use thing instead; {GONE}")
    def stuff(self) -> str | None:
        raise RuntimeError("nothing left")


@strawberry.type
class Subscription:
    @strawberry.subscription(deprecation_reason=f"Use thing instead; {GONE}")
    async def things(self) -> AsyncIterator[int]:
        for number in range(3):
            yield number


SCHEMA = strawberry.Schema(Query, subscription=Subscription, types=[Thing])


def a_dated_engine() -> Engine:
    return Engine(SCHEMA, Settings(), make_context)


async def told(query: str, **operation: Any) -> list[str]:
    """Return the coordinates that the answer tells of."""
    result = await a_dated_engine().execute(Operation(query, **operation), a_credential())
    assert result.executed, result.body
    extensions = result.body.get("extensions")
    return [] if extensions is None else [each["coordinate"] for each in extensions["deprecations"]]


async def test_the_answer_tells_what_is_deprecated_and_why() -> None:
    result = await a_dated_engine().execute(Operation("{ thing { called } }"), a_credential())
    told = [{"coordinate": "Thing.called", "reason": "Use name instead; goes on 2027-03-01"}]
    assert result.body == {"data": {"thing": {"called": "name"}}, "extensions": {"deprecations": told}}
    assert b'"extensions":{"deprecations":[{"coordinate":"Thing.called"' in result.encoded


@pytest.mark.parametrize(
    ("query", "coordinates"),
    [
        ("{ named { called } }", ["Named.called"]),
        ("{ named { ... on Thing { called } } }", ["Thing.called"]),
        ("{ thing(big: true) { name } }", ["Query.thing(big:)"]),
        ("{ thing(size: LITTLE) { name } }", ["Size.LITTLE"]),
        ('{ thing(wishes: [{size: SMALL}, {word: "a"}]) { name } }', ["Wish.word"]),
        ('{ thing(wishes: {inner: [{word: "a", size: LITTLE}]}) { name } }', ["Wish.word", "Size.LITTLE"]),
        ('{ thing { part(wish: {word: "a"}) { called } name } }', ["Wish.word", "Thing.called"]),
        ("query ($size: Size = LITTLE) { thing(size: $size) { name } }", ["Size.LITTLE"]),
        ("query ($big: Boolean! = true) { thing(big: $big) { name } }", ["Query.thing(big:)"]),
        ("query Named { a: thing { called } b: thing { x: called y: called } }", ["Thing.called"]),
        ("{ thing { called @skip(if: true) name } }", ["Thing.called"]),
        ("{ stuff }", ["Query.stuff"]),
    ],
)
async def test_everything_that_can_be_deprecated_is_found_once(query: str, coordinates: list[str]) -> None:
    assert await told(query) == coordinates


@pytest.mark.parametrize(
    "query",
    [
        "{ thing(size: SMALL, wishes: [{size: SMALL}]) { name __typename part { name } } }",
        '{ thing(wishes: [{other: {word: "a", size: LITTLE}}]) { called: name } }',
        "query ($big: Boolean = true) { thing { name @include(if: $big) } }",
    ],
)
async def test_an_answer_to_what_is_not_deprecated_has_no_extensions(query: str) -> None:
    result = await a_dated_engine().execute(Operation(query), a_credential())
    assert result.body.keys() == {"data"}


async def test_values_of_variables_are_not_looked_at() -> None:
    assert await told("query ($size: Size) { thing(size: $size) { name } }", variables={"size": "LITTLE"}) == []


async def test_each_operation_of_a_document_is_told_of_its_own_uses() -> None:
    document = """
        query Old { thing { ...Chain } } query New { thing { name } }
        query Both { thing { ...Chain ...Link called } named { called } stuff }
        fragment Chain on Thing { name part { ...Link } } fragment Link on Thing { called }
    """
    assert await told(document, operation_name="Old") == ["Thing.called"]
    assert await told(document, operation_name="New") == []
    assert await told(document, operation_name="Both") == ["Thing.called", "Named.called", "Query.stuff"]


async def test_a_name_that_need_not_be_given_changes_nothing() -> None:
    assert (
        await told("query Old { stuff }") == await told("query Old { stuff }", operation_name="Old") == ["Query.stuff"]
    )


async def test_no_more_are_told_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deprecations, "MAX_DEPRECATIONS", 2)
    assert await told("{ stuff thing(big: true, size: LITTLE) { called } }") == ["Query.stuff", "Query.thing(big:)"]


async def test_a_field_that_fails_is_told_beside_its_error() -> None:
    result = await a_dated_engine().execute(Operation("{ stuff }"), a_credential())
    assert result.body.keys() == {"errors", "data", "extensions"}


@pytest.mark.parametrize("query", ["{ stuff nothing }", "query ($size: Size!) { stuff thing(size: $size) { name } }"])
async def test_what_is_refused_has_errors_alone(query: str) -> None:
    result = await a_dated_engine().execute(Operation(query), a_credential())
    assert result.body.keys() == {"errors"}


async def test_each_message_of_a_subscription_tells() -> None:
    stream = a_dated_engine().stream(Operation("subscription { things }"), a_credential())
    told = [{"coordinate": "Subscription.things", "reason": "Use thing instead; goes on 2027-03-01"}]
    assert [result.body async for result in stream] == [
        {"data": {"things": number}, "extensions": {"deprecations": told}} for number in range(3)
    ]


async def test_it_is_found_once_for_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    monkeypatch.setattr(documents, "told", lambda *given: found.append(given) or {})
    engine, plain = a_dated_engine(), an_engine()
    for _ in range(3):
        await engine.execute(Operation("{ stuff }"), a_credential())
        await plain.execute(Operation("{ name }"), a_credential())
    assert len(found) == 1, "a schema in which nothing is deprecated has nothing to look for"


def test_a_fragment_is_looked_through_once_for_all_operations(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Any] = []
    uses_of = deprecations.uses_of
    monkeypatch.setattr(deprecations, "uses_of", lambda *given: looked.append(given) or uses_of(*given))
    operations = " ".join(f"query q{number} {{ ...F }}" for number in range(80))
    fields = " ".join(f"a{number}: stuff" for number in range(28))
    prepared = Documents(SCHEMA._schema, Settings(), Metrics()).prepare(
        f"{operations} fragment F on Query {{ {fields} }}"
    )
    assert prepared.errors == ()
    assert len(prepared.extensions) == 80
    assert len(looked) == 81
