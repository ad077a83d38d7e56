"""One execution, and everything that can be seen of it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, NamedTuple

from graphql import DocumentNode, GraphQLSchema, execute, get_operation_ast, subscribe
from graphql.execution import ExecutionResult, Executor
from strawberry.execution import optimized_is_awaitable

from tests.support.compiler.comparing import Answer

HANGING = 20  # seconds
MOST_EVENTS = 5  # of a subscription; the schema where everything goes wrong has fewer


class Case(NamedTuple):
    """An operation, and for how many seconds it may take."""

    graph: GraphQLSchema
    document: DocumentNode
    variables: dict[str, Any]
    name: str | None = None
    seconds: float = HANGING


class Outcome(NamedTuple):
    """Everything that can be seen of an execution: its answers, or what came through the executor."""

    answers: Sequence[Answer]
    escaped: type[BaseException] | None
    context: Any


async def outcome(case: Case, executor: type[Executor[Any]], context: Any, root: Any) -> Outcome:
    """Execute an operation, of which nothing is left running."""
    before = asyncio.all_tasks()
    options: dict[str, Any] = {
        "root_value": root,
        "context_value": context,
        "variable_values": case.variables,
        "operation_name": case.name,
        "executor_class": executor,
        "is_awaitable": optimized_is_awaitable,
    }
    answers: list[Answer] = []
    escaped: type[BaseException] | None = None
    operation = get_operation_ast(case.document, case.name)
    run: Any = subscribe if operation is not None and operation.operation.value == "subscription" else execute
    try:
        async with asyncio.timeout(case.seconds):
            result = run(case.graph, case.document, **options)
            result = await result if optimized_is_awaitable(result) else result
            if isinstance(result, AsyncIterator):
                await listen(result, answers)
            else:
                answers.append(answer(result))
    except BaseException as error:  # noqa: BLE001 - what an executor lets through is part of what it does
        escaped = type(error)
    while left := asyncio.all_tasks() - before:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=0.1)  # one may wait for a loader whose own task was cancelled before it
    return Outcome(answers, escaped, context)


async def listen(results: Any, answers: list[Answer]) -> None:
    async with aclosing(results):
        async for result in results:
            answers.append(answer(result))
            if len(answers) == MOST_EVENTS:
                return


def answer(result: ExecutionResult) -> Answer:
    return Answer(result.data, [dict(error.formatted) for error in result.errors or ()])
