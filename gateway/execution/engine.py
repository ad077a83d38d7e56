"""Runs operations: checked, bounded in time, observed, and with every error rendered as clients may see it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from typing import Any

import strawberry
from graphql import ExecutionResult, OperationType

from gateway.execution.documents import Documents, Prepared
from gateway.execution.events import timed_out
from gateway.execution.executors import Executors
from gateway.execution.faults import render
from gateway.execution.limits import check_variables
from gateway.execution.operation import Operation, Outlet, Result
from gateway.execution.subscriptions import Subscriptions
from gateway.settings import Settings
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.monitor import Monitor
from gateway.telemetry.operations import Observer
from gateway.telemetry.records import Observation
from gateway.telemetry.tracing import Tracing
from resolvers.context import Context
from storage.credentials import Credential, Scope
from storage.store.deadline import within
from storage.store.errors import ErrorCode, GatewayError

STREAMS = "A subscription needs a transport that streams: WebSocket (graphql-transport-ws) or server-sent events."
# So long after its time is over an operation may still take to answer with what it has.
GRACE_SECONDS = 0.5
GET_ONLY_READS = "A mutation can't be sent by GET: send it by POST."


class Engine:
    """One schema as the gateway serves it. `make_context` is called for each operation and each subscription event."""

    def __init__(
        self,
        schema: strawberry.Schema,
        settings: Settings,
        make_context: Callable[[Credential], Context],
        *,
        monitor: Monitor | None = None,
        metrics: Metrics | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        self._metrics = metrics or Metrics()
        self._observer = Observer(self._metrics, tracing)
        self._settings = settings
        self._make_context = make_context
        self._monitor = monitor
        self._executors = Executors(schema, settings, make_context)
        self._documents = Documents(self._executors.schema, settings, self._metrics)
        if settings.compiler:
            self._metrics.watch_plans(self._documents.lookups, lambda: self._documents.plans)
        self.subscriptions = Subscriptions(
            self._executors,
            self._metrics.subscription_events.inc,
            limit=settings.max_subscriptions,
            queue=settings.subscription_queue,
        )

    async def execute(self, operation: Operation, credential: Credential, *, queries_only: bool = False) -> Result:
        """Run a query or mutation. Mistakes and faults are in the result.

        `queries_only` is for HTTP GET: a mutation then raises `GatewayError` with METHOD_NOT_ALLOWED.
        """
        prepared = self._documents.prepare(operation.query)
        return await self._execute(prepared, operation, credential, queries_only=queries_only)

    async def stream(
        self,
        operation: Operation,
        credential: Credential,
        *,
        queries_only: bool = False,
        outlet: Outlet = lambda _: False,
    ) -> AsyncGenerator[Result, None]:
        """Yield one result, or each of a subscription's; closing this ends the subscription.

        While this waits to yield, results of subscriptions go to `outlet`, and only those that it can't take come here.
        With `queries_only` a mutation raises as it does in `execute`.
        """
        prepared = self._documents.prepare(operation.query)
        if prepared.subscribes(operation.operation_name):
            async with aclosing(self._subscribe(prepared, operation, credential, outlet)) as results:
                async for result in results:
                    yield result
        else:
            yield await self._execute(prepared, operation, credential, queries_only=queries_only)

    async def _execute(
        self, prepared: Prepared, operation: Operation, credential: Credential, *, queries_only: bool
    ) -> Result:
        with self._observer.operation(credential) as seen:
            try:
                self._admit(prepared, operation, seen)
                if seen.type == OperationType.SUBSCRIPTION.value:
                    raise GatewayError(STREAMS, code=ErrorCode.BAD_REQUEST)  # noqa: TRY301 - answered as the others
            except Exception as error:  # noqa: BLE001 - the outermost net: a fault here is masked like any other
                return self._refusal(error, credential, seen)
            if queries_only and seen.type == OperationType.MUTATION.value:
                seen.code = ErrorCode.METHOD_NOT_ALLOWED.value
                raise GatewayError(GET_ONLY_READS, code=ErrorCode.METHOD_NOT_ALLOWED)
            return await self._run(prepared, operation, credential, seen)

    def _admit(self, prepared: Prepared, operation: Operation, seen: Observation) -> None:
        """Note what the operation is, and raise what stands in the way of running it."""
        seen.document = prepared.digest
        if prepared.errors:
            raise ExceptionGroup("refused", prepared.errors)
        seen.type = prepared.operation(operation.operation_name).operation.value
        check_variables(operation.variables, self._settings)
        if self._monitor is not None:
            self._monitor.require_store()

    async def _run(self, prepared: Prepared, operation: Operation, credential: Credential, seen: Observation) -> Result:
        """Execute within the time that an operation may take.

        Past it what waits for the store fails, each field for itself; what goes on all the same is cancelled.
        """
        seconds = self._settings.operation_timeout
        timer = asyncio.timeout(seconds + GRACE_SECONDS)
        try:
            with within(seconds):
                async with timer:
                    executor = self._executors.build(prepared, operation, self._make_context(credential))
                    if isinstance(executor, list):
                        return self._result(ExecutionResult(None, executor), credential, seen, executed=False)
                    answer: Any = executor.execute_operation()
                    if executor.is_awaitable(answer):
                        answer = await answer
        except Exception as error:  # noqa: BLE001 - as in execute
            late = isinstance(error, TimeoutError) and timer.expired()
            return self._refusal(timed_out(seconds) if late else error, credential, seen)
        extensions = prepared.extensions.get(operation.operation_name)
        return self._result(answer, credential, seen, executed=is_executed(answer), extensions=extensions)

    async def _subscribe(
        self, prepared: Prepared, operation: Operation, credential: Credential, outlet: Outlet
    ) -> AsyncGenerator[Result, None]:
        extensions = prepared.extensions.get(operation.operation_name)
        with self._observer.subscription(credential) as seen:

            def render(answer: ExecutionResult, executed: bool) -> Result:
                return self._result(answer, credential, seen, executed=executed, extensions=extensions)

            try:
                self._admit(prepared, operation, seen)
                results = self.subscriptions.results(
                    prepared, operation, self._make_context(credential), render, outlet
                )
                async with aclosing(results):
                    async for result in results:
                        self._metrics.subscription_events.inc()
                        yield result
            except Exception as error:  # noqa: BLE001 - as in execute
                yield self._refusal(error, credential, seen)

    def _refusal(self, error: Exception, credential: Credential, seen: Observation) -> Result:
        """Return the result of an operation that was not executed."""
        errors = list(error.exceptions) if isinstance(error, ExceptionGroup) else [error]
        return Result({"errors": self._rendered(errors, credential, seen)}, executed=False)

    def _result(
        self,
        answer: ExecutionResult,
        credential: Credential,
        seen: Observation,
        *,
        executed: bool,
        extensions: dict[str, Any] | None = None,
    ) -> Result:
        body: dict[str, Any] = {}
        if answer.errors:
            body["errors"] = self._rendered(answer.errors, credential, seen)
        if executed:
            body["data"] = answer.data
            if extensions is not None:
                body["extensions"] = extensions
        return Result(body, executed)

    def _rendered(self, errors: Iterable[Exception], credential: Credential, seen: Observation) -> list[dict[str, Any]]:
        suggestions = Scope.CONSOLE in credential.scopes
        rendered = [render(error, suggestions=suggestions) for error in errors]
        for error in rendered:
            self._metrics.errors.labels(error["extensions"]["code"]).inc()
        seen.code = rendered[0]["extensions"]["code"]
        return rendered


def is_executed(answer: ExecutionResult) -> bool:
    """Tell a response from a request error: one without data whose errors belong to no field."""
    return answer.data is not None or any(error.path is not None for error in answer.errors or ())
