"""Plans that have been made, for the operation as parsed and the variables that its directives depend on."""

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    DirectiveNode,
    FieldNode,
    GraphQLIncludeDirective,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
    Undefined,
    VariableNode,
)
from graphql.execution.values import VariableValues

from compiler.operations import Compiler

if TYPE_CHECKING:
    from compiler.executor import CompiledExecutor

CONDITIONS = {GraphQLSkipDirective.name, GraphQLIncludeDirective.name}
FIELDS_A_PLAN = 100  # of which most have far fewer


class Conditions(NamedTuple):
    """The variables that decide what an operation selects, or None when it holds what no plan covers."""

    variables: tuple[str, ...] | None
    nodes: Any  # kept, since their ids are in the key


class Plans:
    """The most recently used plans: at most `size` of them, and a hundred times as many fields in all."""

    def __init__(self, size: int = 512) -> None:
        self._size = size
        self._conditions: OrderedDict[Hashable, Conditions] = OrderedDict()
        self._plans: OrderedDict[Hashable, Compiler] = OrderedDict()
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._plans)

    def plan(self, executor: "CompiledExecutor", root: Any, fields: Any) -> Compiler | None:
        """Return the plan of an operation, or None where there is none."""
        fragments = executor.fragment_definitions
        operation = (id(executor.schema), id(executor.operation), *map(id, fragments.values()))
        conditions = self._conditions.get(operation)
        if conditions is None:
            conditions = self._conditions[operation] = conditions_of(executor)
            if len(self._conditions) > self._size:
                self._conditions.popitem(last=False)
        else:
            self._conditions.move_to_end(operation)
        if conditions.variables is None:
            return None
        coerced = executor.variable_values.coerced
        key = (operation, *(coerced.get(name, Undefined) for name in conditions.variables))
        found = self._plans.get(key)
        if found is not None:
            self.hits += 1
            self._plans.move_to_end(key)
            return found
        self.misses += 1
        variables = only(executor.variable_values, conditions.variables)
        made = self._plans[key] = Compiler(executor, variables, conditions.nodes)
        made.compile(root, fields)
        self._shrink()
        return made

    def _shrink(self) -> None:
        fields = sum(plan.fields for plan in self._plans.values())
        while len(self._plans) > self._size or (fields > self._size * FIELDS_A_PLAN and len(self._plans) > 1):
            _, evicted = self._plans.popitem(last=False)
            fields -= evicted.fields


def conditions_of(executor: "CompiledExecutor") -> Conditions:
    """Return what decides the selection. Other directives, and variables of fragments, are graphql-core's."""
    operation, fragments = executor.operation, executor.fragment_definitions.values()
    nodes = (executor.schema, operation, *fragments)
    if any(fragment.variable_definitions for fragment in fragments):
        return Conditions(None, nodes)
    variables: set[str] = set()
    for directive in directives_of(operation, fragments):
        if directive.name.value not in CONDITIONS:
            return Conditions(None, nodes)
        given = [argument.value for argument in directive.arguments or ()]
        variables.update(value.name.value for value in given if isinstance(value, VariableNode))
    return Conditions(tuple(sorted(variables)), nodes)


def directives_of(operation: Any, fragments: Any) -> Iterator[DirectiveNode]:
    waiting: list[SelectionSetNode] = []
    for definition in (operation, *fragments):
        yield from definition.directives or ()
        waiting.append(definition.selection_set)
    while waiting:
        for selection in waiting.pop().selections:
            yield from selection.directives or ()
            if isinstance(selection, FieldNode | InlineFragmentNode) and selection.selection_set:
                waiting.append(selection.selection_set)


def only(values: VariableValues, names: Iterable[str]) -> VariableValues:
    """Return some of the variables, so that a plan keeps none of what a client sent."""
    return VariableValues(
        {name: values.sources[name] for name in names if name in values.sources},
        {name: values.coerced[name] for name in names if name in values.coerced},
    )
