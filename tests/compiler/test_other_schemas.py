"""The operations that tests send to schemas of their own: the same answers with the compiler on and off."""

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import strawberry
from graphql import FieldNode, SelectionNode, parse
from graphql.execution import Executor
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from compiler import Knowledge, compiling
from gateway.execution.events import per_event
from resolvers.context import Context
from storage.credentials import Credential, CredentialKind
from storage.store.workspace import Workspace
from tests.compiler.test_compiler import LEAF, Query, read_key
from tests.support.compiler.comparing import LEFT_BEHIND, is_same
from tests.support.compiler.documents import operations, variables_of
from tests.support.compiler.operations import SCALARS, Pools
from tests.support.compiler.running import HANGING, Case, Outcome, outcome
from tests.support.compiler.schemas import schemas

pytestmark = LEFT_BEHIND
MADE_MEANWHILE = [
    "tests.compiler.test_compiler",  # ITEMS with an extension of Strawberry, which the gateway has none of
    "tests.compiler.test_infos",  # whose field counts how often it is resolved
    *["tests.compiler.test_inputs"] * 2,  # to which no operation is sent
    "tests.laws.test_documents",  # whose operation is one of our own schema as well
]
LEFT_OUT = {
    "tests.support.compiler.hazards.SCHEMA",  # it has a test of its own, test_differential.py
    "tests.compiler.test_batches.SCHEMA",  # whose resolvers of batched fields only raise: graphql-core can't execute it
}
ROOTS: dict[str, Any] = {
    "tests.compiler.test_compiler.ITEMS": Query(),
    "tests.compiler.test_compiler.PARTS": {"name": "root", "parts": [LEAF, {"name": "odd", "parts": None}, None]},
}
ENDLESS = re.compile(r"\b(slow|forever|wait)\b")  # fields that end when they are cancelled, and not before
SECONDS = 0.05  # until that, and until an event is given up
POOLS: Pools = {**SCALARS, "DateTime": lambda random: random.choice(["2026-01-01T00:00:00Z", "noon"])}
WRONG = 0, 0, 0.3  # how often is a value wrong, each time that an operation is sent


def test_every_schema_is_known() -> None:
    found = list(schemas())
    assert [place for place, schema in found if schema is None] == MADE_MEANWHILE
    assert {place for place, schema in found if schema is not None} > LEFT_OUT | ROOTS.keys()


async def test_operations_do_not_differ(workspace: Workspace) -> None:
    ran: dict[str, int] = {}
    all_answers: list[Outcome] = []
    context = context_of(workspace)
    for place, schema in schemas():
        if schema is None or place in LEFT_OUT:
            continue
        executors = [
            per_event(each, lambda _: context_of(workspace), SECONDS)
            for each in (StrawberryGraphQLCoreExecutionContext, compiling(64, Knowledge({read_key: str})))
        ]
        outcomes = [await compare(case, executors, context, ROOTS.get(place)) for case in cases(schema)]
        ran[place] = len(outcomes)
        all_answers += outcomes
    assert min(ran.values()) >= 1, ran
    assert sum(ran.values()) > 150, ran
    assert sum(each.escaped is TimeoutError for each in all_answers) >= 6
    assert sum(len(each.answers) > 1 for each in all_answers) > 10
    assert sum(any(answer.errors for answer in each.answers) for each in all_answers) > 20


def context_of(workspace: Workspace) -> Context:
    return Context(Credential(CredentialKind.API_KEY, "pgk_test", "Test", workspace.id, frozenset()), workspace)


def cases(schema: strawberry.Schema) -> Iterator[Case]:
    """Yield each operation of the schema that the tests have, with a few variables."""
    random = Random(0)
    for text, operation in operations(schema._schema):
        if all(is_introspection(each) for each in operation.selection_set.selections):
            continue  # every schema has that, and ours has more of it
        name = operation.name and operation.name.value
        seconds = SECONDS if ENDLESS.search(text) else HANGING
        for wrong in WRONG if operation.variable_definitions else WRONG[:1]:
            variables = variables_of(schema._schema, operation, POOLS, random, wrong=wrong)
            yield Case(schema._schema, parse(text), variables, name, seconds)


def is_introspection(selected: SelectionNode) -> bool:
    return isinstance(selected, FieldNode) and selected.name.value.startswith("__")


async def compare(case: Case, executors: Sequence[type[Executor[Any]]], context: Context, root: Any) -> Outcome:
    """Run an operation by both executors, and return what graphql-core's own gives."""
    expected, got = [await outcome(case, executor, context, root) for executor in executors]
    try:
        assert got.escaped is expected.escaped
        assert all(is_same(*pair) for pair in zip(expected.answers, got.answers, strict=True))
    except (AssertionError, ValueError) as error:
        error.add_note(f"{case.document.loc and case.document.loc.source.body}\n{case.variables}\n{expected}\n{got}")
        raise
    return expected
