"""Makes what executes an operation: graphql-core's executor, or the compiled one."""

from collections.abc import Callable
from typing import Any, cast

import strawberry
from graphql import DocumentNode, GraphQLError
from graphql.execution import Executor
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from compiler import compiling
from gateway.execution.documents import Prepared
from gateway.execution.events import per_event
from gateway.execution.operation import Operation
from gateway.settings import Settings
from resolvers.context import Context
from schema.knowledge import KNOWLEDGE
from storage.credentials import Credential


class Executors:
    """Executors of one schema, whose operations run without extensions of Strawberry."""

    def __init__(
        self, schema: strawberry.Schema, settings: Settings, make_context: Callable[[Credential], Context]
    ) -> None:
        self.schema = schema._schema  # noqa: SLF001 - has no public name
        self._compiled = settings.compiler
        executor_class = compiling(knowledge=KNOWLEDGE) if self._compiled else StrawberryGraphQLCoreExecutionContext
        self._executor_class = per_event(executor_class, make_context, settings.operation_timeout)

    def build(self, prepared: Prepared, operation: Operation, context: Context) -> Executor[Any] | list[GraphQLError]:
        """Return what executes the operation, or what is wrong with its variables."""
        own: dict[str, Any] = {"document_plans": prepared.plans} if self._compiled else {}
        return self._executor_class.build(
            self.schema,
            cast("DocumentNode", prepared.document),
            context_value=context,
            raw_variable_values=operation.variables,
            operation_name=operation.operation_name,
            is_awaitable=cast("Any", optimized_is_awaitable),
            **own,
        )
