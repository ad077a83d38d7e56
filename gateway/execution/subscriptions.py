"""Runs subscriptions: each catches up by itself, and then shares the work of its group."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Hashable, Iterator
from contextlib import aclosing, contextmanager
from typing import Any, cast

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    create_source_event_stream,
    map_source_to_response_event,
    visit,
)

from gateway.execution.documents import Prepared
from gateway.execution.executors import Executors
from gateway.execution.groups import Execute, Groups
from gateway.execution.operation import Operation, Outlet, Result
from resolvers.context import Context
from resolvers.live.stream import Payload, Stream
from storage.credentials import Credential
from storage.store.errors import ErrorCode, GatewayError

Render = Callable[[ExecutionResult, bool], Result]
RETRY_SECONDS = 0.5


class Subscriptions:
    """The open subscriptions of one process, at most `limit` per credential.

    `sent` is called with the number of results that went through outlets; the others are yielded.
    """

    def __init__(
        self,
        executors: Executors,
        sent: Callable[[int], None],
        *,
        limit: int,
        queue: int,
    ) -> None:
        self._executors = executors
        self._limit = limit
        self._open: Counter[str] = Counter()
        self.groups = Groups(sent, limit=queue)

    async def results(
        self, prepared: Prepared, operation: Operation, context: Context, render: Render, outlet: Outlet
    ) -> AsyncGenerator[Result, None]:
        """Yield each result that `outlet` does not take; raises what ends the subscription before its client does."""
        with self._counted(context.credential):
            executor = self._executors.build(prepared, operation, context)
            if isinstance(executor, list):
                yield render(ExecutionResult(None, errors=executor), False)
                return
            source: Any = create_source_event_stream(executor)
            source = await source if executor.is_awaitable(source) else source
            if isinstance(source, ExecutionResult):
                yield render(source, False)
            elif isinstance(source, Stream):
                key = group_key(prepared, operation, context.credential)
                follow = self._follow(source, payload_execution(executor, render), key, outlet)
                del executor, context  # only its group needs them; thousands of subscribers would keep theirs
                async with source, aclosing(follow) as results:
                    async for result in results:
                        yield result
            else:
                async with aclosing(map_source_to_response_event(executor, source)) as answers:
                    async for answer in answers:
                        yield render(answer, True)

    @contextmanager
    def _counted(self, credential: Credential) -> Iterator[None]:
        if self._open[credential.id] >= self._limit:
            raise GatewayError(
                f"This credential has {self._limit} subscriptions open, which is the limit; complete one first.",
                code=ErrorCode.LIMIT_EXCEEDED,
                limit="subscriptions",
                allowed=self._limit,
            )
        self._open[credential.id] += 1
        try:
            yield
        finally:
            self._open[credential.id] -= 1
            if not self._open[credential.id]:
                del self._open[credential.id]

    async def _follow(
        self, stream: Stream, execute: Execute, key: Hashable, outlet: Outlet
    ) -> AsyncGenerator[Result, None]:
        """Yield what the subscriber missed, then the results of its group."""
        async with aclosing(stream.missed()) as missed:
            async for payload in missed:
                if stream.positions.is_news(payload):
                    result = await execute(payload)
                    stream.cursor = payload.cursor
                    yield result
                if payload.is_last:
                    return
            member = self.groups.join(key, stream, execute, outlet)  # without waiting, so that nothing comes in between
        del execute  # as above
        try:
            async with aclosing(member.results()) as results:
                async for result in results:
                    yield result
        finally:
            self.groups.leave(key, member)


def payload_execution(executor: Any, render: Render) -> Execute:
    """Return the function that executes a payload, and retries while the store does not answer."""

    async def execute(payload: Payload) -> Result:
        content = payload.told()
        while True:
            answer = executor.build_per_event_executor(content).execute_operation(False)
            answer = await answer if executor.is_awaitable(answer) else answer
            if not is_unavailable(answer):
                return render(answer, True)
            await asyncio.sleep(RETRY_SECONDS)

    return execute


def is_unavailable(answer: ExecutionResult) -> bool:
    """Return whether a part could not be read because the store does not answer: then the payload is retried."""
    return any(
        isinstance(error.original_error, GatewayError) and error.original_error.code is ErrorCode.UNAVAILABLE
        for error in answer.errors or ()
    )


def group_key(prepared: Prepared, operation: Operation, credential: Credential) -> Hashable:
    """Return the key of subscribers that get the same bytes: document, operation, variables, workspace and scopes.

    A variable that only says where to resume does not count.
    """
    resume_name = resume_variable(prepared, operation.operation_name)
    variables = {name: value for name, value in (operation.variables or {}).items() if name != resume_name}
    shared = orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
    return operation.query, operation.operation_name, shared, credential.workspace, frozenset(credential.scopes)


def resume_variable(prepared: Prepared, operation_name: str | None) -> str | None:
    """Return the name of the variable that is used as `after` of the subscription's field and nowhere else."""
    if operation_name not in prepared.cursors:
        prepared.cursors[operation_name] = find_resume_variable(prepared, operation_name)
    return prepared.cursors[operation_name]


def find_resume_variable(prepared: Prepared, operation_name: str | None) -> str | None:
    root = prepared.operation(operation_name).selection_set
    given = [
        argument for field in root.selections if isinstance(field, FieldNode) for argument in field.arguments or ()
    ]
    after = next((argument.value for argument in given if argument.name.value == "after"), None)
    if not isinstance(after, VariableNode):
        return None
    uses = Uses()
    visit(cast("DocumentNode", prepared.document), uses)
    return after.name.value if uses.counts[after.name.value] == 1 else None


class Uses(Visitor):
    """Counts where variables are used."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    def enter_variable(self, node: VariableNode, _key: Any, parent: Any, *_: Any) -> None:
        if not isinstance(parent, VariableDefinitionNode):
            self.counts[node.name.value] += 1
