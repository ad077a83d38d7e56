"""The compiled executor gives what graphql-core gives: data, errors, calls of resolvers and loads of loaders."""

from dataclasses import dataclass
from itertools import chain
from random import Random, SystemRandom
from typing import Any

import pytest
from graphql import DocumentNode, parse
from graphql.execution import Executor
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from compiler import Knowledge, compiling
from tests.support.compiler.comparing import LEFT_BEHIND, Nullable, check_calls, check_race, is_same, revealing
from tests.support.compiler.hazards import SCHEMA, Context, read_key
from tests.support.compiler.operations import SCALARS, Writer
from tests.support.compiler.random_data import RandomData
from tests.support.compiler.running import Case, outcome
from tests.support.compiler.things import Thing

pytestmark = LEFT_BEHIND
PARTS, DOCUMENTS, CASES = 4, 168, 3  # of each part, and of each document
SETS = 60
PARTED = 0.01  # so rarely may loads no longer meet that met by chance
RACES, HIDDEN = 0.02, 0.06  # at most: else the executor does more than to finish what fails in another order
POOLS = {**SCALARS, "Even": lambda random: random.choice([0, 2, 3])}
COMPILED = [
    compiling(64, knowledge)
    for knowledge in (
        Knowledge(),
        Knowledge(document_keys={read_key: str}),
        Knowledge(document_keys={read_key: str}, type_marks={Thing.is_type_of.__func__: "__typename"}),  # type: ignore[attr-defined]  # a method
    )
]


@dataclass
class Seen:
    """How many cases told another cause of a null, or others `hidden` beneath, and how many loads were `saved`."""

    cases: int = 0
    races: int = 0
    hidden: int = 0
    saved: int = 0


async def compare(
    seen: Seen, executor: type[Executor[Any]], document: DocumentNode, variables: Any, data: RandomData, case: str
) -> None:
    """Compare one execution."""
    seen.cases += 1
    operation = Case(SCHEMA._schema, document, variables)
    expected, got = [
        await outcome(operation, each, context := Context(data, case), context.root)
        for each in (StrawberryGraphQLCoreExecutionContext, executor)
    ]
    assert TimeoutError not in (expected.escaped, got.escaped), "it hangs"
    answers = [*expected.answers, *got.answers]
    if expected.escaped or got.escaped:
        if expected.escaped is not got.escaped:
            assert (expected.escaped and got.escaped) or any(each.errors for each in answers)
            seen.races += 1
        return
    check_calls(expected.context.calls, got.context.calls, answers)
    if not any(each.errors for each in answers):
        before, after = expected.context.loads, got.context.loads
        assert sorted(chain(*after)) == sorted(chain(*before))
        seen.saved += len(before) - len(after)
    same = [is_same(*pair) for pair in zip(expected.answers, got.answers, strict=True)]
    if all(same):
        return
    nullable: Nullable = {}
    tame = RandomData(SCHEMA._schema, data.seed, objects=data.objects, harm=data.harm, tame=True)
    tamed = Context(tame, case, tame=True)
    revealed = await outcome(operation, revealing(nullable), tamed, tamed.root)
    raced = [check_race(*all, nullable) for all in zip(expected.answers, got.answers, revealed.answers, strict=True)]
    seen.races += any(raced)
    seen.hidden += not any(raced)


@pytest.fixture
def documents(request: pytest.FixtureRequest) -> int | None:
    """How many documents each part has if it has to be others in each run: `--fuzz-examples`."""
    given: int | None = request.config.getoption("--fuzz-examples")
    return given


@pytest.mark.timeout(0)
@pytest.mark.parametrize("part", range(PARTS))
async def test_executions_do_not_differ(part: int, documents: int | None) -> None:
    seed = part if documents is None else SystemRandom().getrandbits(32)
    random = Random(seed)
    sets = [
        RandomData(
            SCHEMA._schema, number, objects=random.random() < 0.3, harm=random.choice([0, 0, 0.01, 0.03, 0.1, 0.25])
        )
        for number in random.sample(range(2**32), SETS)
    ]
    seen = Seen()
    for number in range(documents or DOCUMENTS):
        graph, kind = SCHEMA._schema, random.choice(["query"] * 8 + ["subscription", "mutation"])
        writer = Writer(graph, random, POOLS, wrong=random.choice([0, 0, 0.02, 0.1]))
        root: Any = getattr(graph, f"{kind}_type")
        text, variables = writer.operation(kind, root, depth=random.randint(1, 5), width=random.randint(2, 6))
        document, executor = parse(text), random.choice(COMPILED)
        for case in range(CASES):
            data = random.choice(sets)
            try:
                await compare(seen, executor, document, variables, data, f"{number} {case}")
            except BaseException as error:
                error.add_note(f"{text}\n{variables}\nseed {seed}, document {number}, case {case}, {data.objects=}")
                raise
            variables = writer.variables()
    assert seen.races <= seen.cases * RACES, seen
    assert seen.hidden <= seen.cases * HIDDEN, seen
    assert seen.saved > -seen.cases * PARTED, seen
