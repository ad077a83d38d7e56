"""The executor that Strawberry is given: it looks for a plan, and is graphql-core's where there is none."""

from collections.abc import Sequence
from typing import Any, ClassVar

from graphql import GraphQLObjectType
from graphql.execution.collect_fields import DeferUsage, GroupedFieldSet
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from compiler.knowledge import Knowledge
from compiler.plans import Plans
from compiler.runtime import Run
from compiler.waiting import Waiting


class CompiledExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes by plans. Middleware, mutations' own fields, `@defer` and other directives are graphql-core's.

    A plan takes over where the root fields have been collected: so responses, aborts and errors of the whole
    operation are graphql-core's as well.
    """

    plans: ClassVar[Plans] = Plans()
    knowledge: ClassVar[Knowledge] = Knowledge()

    def execute_collected_root_fields(
        self,
        root_type: GraphQLObjectType,
        root_value: Any,
        grouped_field_set: GroupedFieldSet,
        serially: bool,
        new_defer_usages: Sequence[DeferUsage],
    ) -> Any:
        """Execute the root fields by the operation's plan, if it has one."""
        if not (serially or new_defer_usages or self._is_special()):
            plan = self.plans.plan(self, root_type, grouped_field_set)
            if plan is not None and plan.root is not None:
                run = Run(self)
                try:
                    data = plan.root(run, root_value, None, None)
                except Exception:
                    run.abandon(run.forget(None))
                    raise
                return Waiting(run, plan.info).settle(data) if run.pending or run.batches else data
        return super().execute_collected_root_fields(
            root_type, root_value, grouped_field_set, serially, new_defer_usages
        )

    def _is_special(self) -> bool:
        middleware = self.middleware_manager is not None and self.middleware_manager.middlewares
        return bool(middleware) or self.abort_signal is not None or self.hooks is not None or not self.error_propagation


def compiling(size: int, knowledge: Knowledge | None = None) -> type[CompiledExecutor]:
    """Return an executor with as many plans of its own, for a schema of which this is known."""
    own = {"plans": Plans(size), "knowledge": knowledge or Knowledge()}
    return type("CompiledExecutor", (CompiledExecutor,), own)
