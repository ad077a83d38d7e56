"""Tells what decides which fields an operation selects: the variables in its `@skip` and `@include`."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from graphql import (
    DirectiveNode,
    ExecutableDefinitionNode,
    FieldNode,
    GraphQLIncludeDirective,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
)
from graphql.execution import Executor
from graphql.execution.values import VariableValues

CONDITIONS = {GraphQLSkipDirective.name, GraphQLIncludeDirective.name}


class Conditions(NamedTuple):
    """The variables that decide what an operation selects, or None when it holds what no plan covers."""

    variables: tuple[str, ...] | None
    nodes: Any  # kept, since who looks for conditions does so by their ids


def conditions_of(executor: Executor[Any]) -> Conditions:
    """Return what decides the selection. Other directives, and variables of fragments, are graphql-core's."""
    operation, fragments = executor.operation, executor.fragment_definitions.values()
    nodes = (executor.schema, operation, *fragments)
    if any(fragment.variable_definitions for fragment in fragments):
        return Conditions(None, nodes)
    variables: set[str] = set()
    for directive in directives_of([operation, *fragments]):
        if directive.name.value not in CONDITIONS:
            return Conditions(None, nodes)
        given = [argument.value for argument in directive.arguments or ()]
        variables.update(value.name.value for value in given if isinstance(value, VariableNode))
    return Conditions(tuple(sorted(variables)), nodes)


def directives_of(definitions: Iterable[ExecutableDefinitionNode]) -> Iterator[DirectiveNode]:
    """Yield every directive in operations and fragments."""
    waiting: list[SelectionSetNode] = []
    for definition in definitions:
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
