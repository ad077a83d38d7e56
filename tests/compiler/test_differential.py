"""The compiled executor gives what graphql-core gives: data, errors, calls of resolvers and loads of loaders."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from random import Random, SystemRandom
from typing import Any, NamedTuple

import pytest
from graphql import DocumentNode, execute, parse, subscribe
from graphql.execution import ExecutionResult, Executor
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gateway.compiler import Knowledge, compiling
from tests.compiler.comparing import Answer, Nullable, check_calls, check_race, is_same, revealing
from tests.compiler.hazards import SCHEMA, Context, read_key
from tests.compiler.operations import SCALARS, Writer
from tests.compiler.things import Thing
from tests.compiler.worlds import World

# graphql-core leaves coroutines behind when an execution is cancelled or aborted.
pytestmark = pytest.mark.filterwarnings(
    "ignore:coroutine:RuntimeWarning", "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"
)
PARTS, DOCUMENTS, CASES = 4, 168, 3  # of each part, and of each document
WORLDS = 60
HANGING = 20  # seconds
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


class Outcome(NamedTuple):
    """Everything that can be seen of an execution: its answers, or what came through the executor."""

    answers: Sequence[Answer]
    escaped: type[BaseException] | None
    context: Context


async def outcome(executor: type[Executor[Any]], document: DocumentNode, variables: Any, context: Context) -> Outcome:
    """Execute an operation, of which nothing is left running."""
    before = asyncio.all_tasks()
    options: dict[str, Any] = {
        "root_value": context.root,
        "context_value": context,
        "variable_values": variables,
        "executor_class": executor,
        "is_awaitable": optimized_is_awaitable,
    }
    results: list[Any] = []
    escaped: type[BaseException] | None = None
    run: Any = subscribe if document.definitions[0].operation.value == "subscription" else execute  # type: ignore[attr-defined]  # the first is it
    try:
        async with asyncio.timeout(HANGING):
            result = run(SCHEMA._schema, document, **options)
            result = await result if optimized_is_awaitable(result) else result
            results += [each async for each in result] if isinstance(result, AsyncIterator) else [result]
    except BaseException as error:  # noqa: BLE001 - what an executor lets through is part of what it does
        escaped = type(error)
    assert escaped is not TimeoutError, "it hangs"
    while left := asyncio.all_tasks() - before:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=0.1)  # one may wait for a loader whose own task was cancelled before it
    return Outcome([answer(result) for result in results], escaped, context)


def answer(result: ExecutionResult) -> Answer:
    return Answer(result.data, [dict(error.formatted) for error in result.errors or ()])


@dataclass
class Seen:
    """How many cases told another cause of a null, or others `hidden` beneath, and how many loads were `saved`."""

    cases: int = 0
    races: int = 0
    hidden: int = 0
    saved: int = 0


async def compare(
    seen: Seen, executor: type[Executor[Any]], document: DocumentNode, variables: Any, world: World, case: str
) -> None:
    """Compare one execution."""
    seen.cases += 1
    reference = StrawberryGraphQLCoreExecutionContext
    expected = await outcome(reference, document, variables, Context(world, case))
    got = await outcome(executor, document, variables, Context(world, case))
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
    tame = World(SCHEMA._schema, world.seed, objects=world.objects, harm=world.harm, tame=True)
    revealed = await outcome(revealing(nullable), document, variables, Context(tame, case, tame=True))
    raced = [check_race(*all, nullable) for all in zip(expected.answers, got.answers, revealed.answers, strict=True)]
    seen.races += any(raced)
    seen.hidden += not any(raced)


@pytest.fixture(autouse=True)
def no_garbage() -> Iterator[None]:
    """Collect what was left behind while it is not yet held against another test."""
    yield
    gc.collect()


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
    worlds = [
        World(SCHEMA._schema, number, objects=random.random() < 0.3, harm=random.choice([0, 0, 0.01, 0.03, 0.1, 0.25]))
        for number in random.sample(range(2**32), WORLDS)
    ]
    seen = Seen()
    for number in range(documents or DOCUMENTS):
        graph, kind = SCHEMA._schema, random.choice(["query"] * 8 + ["subscription", "mutation"])
        writer = Writer(graph, random, POOLS, wrong=random.choice([0, 0, 0.02, 0.1]))
        root: Any = getattr(graph, f"{kind}_type")
        text, variables = writer.operation(kind, root, depth=random.randint(1, 5), width=random.randint(2, 6))
        document, executor = parse(text), random.choice(COMPILED)
        for case in range(CASES):
            world = random.choice(worlds)
            try:
                await compare(seen, executor, document, variables, world, f"{number} {case}")
            except BaseException as error:
                error.add_note(f"{text}\n{variables}\nseed {seed}, document {number}, case {case}, {world.objects=}")
                raise
            variables = writer.variables()
    assert seen.races <= seen.cases * RACES, seen
    assert seen.hidden <= seen.cases * HIDDEN, seen
    assert seen.saved > -seen.cases * PARTED, seen
