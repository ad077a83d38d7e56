"""A plan: one operation, compiled for the variables in its conditions."""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLObjectType
from graphql.execution import Executor
from graphql.execution.collect_fields import GroupedFieldSet
from graphql.execution.values import VariableValues

from compiler.collector import Collector
from compiler.completers import Completers
from compiler.extents import Extents
from compiler.knowledge import Knowledge
from compiler.readers import Readers
from compiler.selection_sets import Execute


class Plan:
    """Executes the root fields by `root`, unless it is None, and compiles the rest when it is needed.

    What it keeps of the first execution are the variables of conditions, nothing else. `count` is told how many fields
    are compiled.
    """

    def __init__(
        self, executor: Executor[Any], knowledge: Knowledge, variables: VariableValues, count: Callable[[int], None]
    ) -> None:
        self._collector = Collector(executor, variables)
        self._extents = Extents(self._collector, knowledge, count)
        self._completers = Completers(Readers(self._extents, executor.is_awaitable))
        self.root: Execute | None = None

    @property
    def fields(self) -> int:
        """How many fields have been compiled."""
        return self._extents.fields

    def compile(self, root: GraphQLObjectType, fields: GroupedFieldSet) -> None:
        """Compile the root fields, unless they are nested so deeply that graphql-core has to refuse them."""
        try:
            self.root = self._completers.selection_sets.compile(root, self._collector.of(root, fields))
        except RecursionError:
            self.root = None
