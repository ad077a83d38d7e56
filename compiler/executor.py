"""The executor that Strawberry is given: it looks for a plan, and is graphql-core's where there is none."""

from collections.abc import Sequence
from typing import Any, ClassVar

from graphql import GraphQLObjectType
from graphql.execution.collect_fields import DeferUsage, GroupedFieldSet
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from compiler.cache import DocumentPlans, Plans
from compiler.knowledge import Knowledge
from compiler.runtime import Run
from compiler.tasks import Tasks


class CompiledExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes by plans. Middleware, mutations' own fields, `@defer` and other directives are graphql-core's.

    A plan takes over where the root fields have been collected: so responses, aborts and errors of the whole
    operation are graphql-core's as well. Who keeps a document's plans with it passes them as `document_plans`.
    """

    plans: ClassVar[Plans] = Plans()
    knowledge: ClassVar[Knowledge] = Knowledge()

    def __init__(self, *args: Any, document_plans: DocumentPlans | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._document_plans = document_plans

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
            plans = self.plans.of(self) if self._document_plans is None else self._document_plans
            plan = plans.plan(self, self.knowledge, root_type, grouped_field_set)
            if plan is not None and plan.root is not None:
                run = Run(self)
                try:
                    data = plan.root(run, root_value, None, None)
                except Exception:
                    run.abandon(run.forget(None))
                    raise
                return Tasks(run).settle(data) if run.pending or run.batches else data
        return super().execute_collected_root_fields(
            root_type, root_value, grouped_field_set, serially, new_defer_usages
        )

    def _is_special(self) -> bool:
        middleware = self.middleware_manager is not None and self.middleware_manager.middlewares
        return bool(middleware) or self.abort_signal is not None or self.hooks is not None or not self.error_propagation


def compiling(size: int = 512, knowledge: Knowledge | None = None) -> type[CompiledExecutor]:
    """Return an executor for a schema of which this is known, with the plans of as many documents of its own."""
    own = {"plans": Plans(size), "knowledge": knowledge or Knowledge()}
    return type("CompiledExecutor", (CompiledExecutor,), own)
