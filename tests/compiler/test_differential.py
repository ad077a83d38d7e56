"""The compiled executor gives what graphql-core gives: data, errors, calls of resolvers and batches of loaders."""

import asyncio
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import hypothesis
import pytest
from graphql import DocumentNode, execute, parse, subscribe
from graphql.execution import ExecutionResult, Executor
from hypothesis import strategies as st
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gateway.compiler import compiling
from tests.compiler.hazards import SCHEMA, Context, read_key
from tests.compiler.operations import SCALARS, Operation, Writer

# graphql-core leaves coroutines behind when an execution is cancelled or aborted.
pytestmark = pytest.mark.filterwarnings(
    "ignore:coroutine:RuntimeWarning", "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"
)
CASES = 240  # make test has six minutes for everything
PARTS = 8
POOLS = {**SCALARS, "Even": lambda random: random.choice([0, 2, 3])}
COMPILED = compiling(64), compiling(64, {read_key: str})
SEEDS = st.integers(0, 2**32)
FUZZ = hypothesis.settings.get_profile("fuzz")


# `--fuzz-examples` makes it as many for each part, and others in each run.
EXAMPLES = hypothesis.settings(FUZZ, max_examples=CASES // PARTS) if FUZZ.derandomize else FUZZ


async def outcome(executor: type[Executor[Any]], document: DocumentNode, variables: Any, context: Context) -> Any:
    """Return everything that can be seen of an execution, of which nothing is left running."""
    before = asyncio.all_tasks()
    options: dict[str, Any] = {
        "root_value": context.world.make("Thing", "root value"),
        "context_value": context,
        "variable_values": variables,
        "executor_class": executor,
        "is_awaitable": optimized_is_awaitable,
    }
    try:
        if document.definitions[0].operation.value == "subscription":  # type: ignore[attr-defined]  # the first is it
            results = [await seen(subscribe(SCHEMA._schema, document, **options))]
        else:
            results = [await seen(execute(SCHEMA._schema, document, **options))]
    except BaseException as error:  # noqa: BLE001 - what an executor lets through is part of what it does
        results = [type(error)]
    left = asyncio.all_tasks() - before
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    return told(results), context.batches, sorted(map(str, context.calls))


async def seen(result: Any) -> Any:
    result = await result if optimized_is_awaitable(result) else result
    return [each async for each in result] if isinstance(result, AsyncIterator) else result


def told(result: Any) -> Any:
    if isinstance(result, list):
        return [told(each) for each in result]
    if not isinstance(result, ExecutionResult):
        return result
    errors = [(error.message, error.path, error.locations, error.extensions) for error in result.errors or ()]
    return repr(result.data), sorted(map(repr, errors))


async def compare(operation: Operation, seed: int, *, objects: bool, harm: float) -> None:
    document = parse(operation.text)
    expected, *others = [
        await outcome(executor, document, operation.variables, Context(seed, objects=objects, harm=harm))
        for executor in (StrawberryGraphQLCoreExecutionContext, *COMPILED)
    ]
    for got in others:
        assert got == expected, (operation, seed)


def written(random: Random) -> Operation:
    graph = SCHEMA._schema
    kind = random.choice(["query"] * 8 + ["subscription", "mutation"])
    root: Any = getattr(graph, f"{kind}_type")
    writer = Writer(graph, random, POOLS, wrong=random.choice([0, 0.02, 0.2]))
    return writer.operation(kind, root, depth=random.randint(1, 5), width=random.randint(2, 6))


@pytest.mark.timeout(0)
@pytest.mark.parametrize("part", range(PARTS))
@EXAMPLES
@hypothesis.given(seed=SEEDS)
async def test_executions_do_not_differ(part: int, seed: int) -> None:
    random = Random(f"{part} {seed}")
    operation = written(random)
    await compare(operation, seed, objects=random.random() < 0.3, harm=random.choice([0, 0.02, 0.1, 0.4]))
