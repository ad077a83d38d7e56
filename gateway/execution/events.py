"""Execution of subscription events: each with a fresh context and in bounded time, like an operation of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from graphql import ExecutionResult, GraphQLError
from graphql.execution import Executor

from resolvers.context import Context
from storage.credentials import Credential
from storage.store.errors import ErrorCode, GatewayError


def timed_out(seconds: float) -> GatewayError:
    return GatewayError(
        f"The operation took longer than {seconds:g} s and was cancelled; ask for less at a time.",
        code=ErrorCode.OPERATION_TIMEOUT,
    )


def per_event(
    executor_class: type[Executor[Any]], make_context: Callable[[Credential], Context], seconds: float
) -> type[Executor[Any]]:
    """Return an executor class whose subscription events have contexts, and so loaders, of their own.

    With the subscription's context an event would read what an earlier one has loaded.
    """

    class PerEvent(executor_class):  # type: ignore[valid-type, misc]  # the class is a parameter
        def build_per_event_executor(self, payload: Any) -> Executor[Any]:
            executor: Executor[Any] = super().build_per_event_executor(payload)
            executor.context_value = make_context(self.context_value.credential)
            return executor

        def execute_operation(self, serially: bool | None = None) -> Any:
            result = super().execute_operation(serially)
            is_event = serially is False
            return bounded(result, seconds) if is_event and self.is_awaitable(result) else result

    return PerEvent


async def bounded(result: Awaitable[ExecutionResult], seconds: float) -> ExecutionResult:
    """Return an event's result, or an error when it takes too long; the subscription itself goes on."""
    try:
        async with asyncio.timeout(seconds):
            return await result
    except TimeoutError:
        late = timed_out(seconds)
        return ExecutionResult(None, errors=[GraphQLError(late.message, original_error=late)])
