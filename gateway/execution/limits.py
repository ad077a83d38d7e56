"""Limits on the size of an operation, counted over its expanded fragments in time linear in the document."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
)

from gateway.settings import Settings
from storage.store.errors import ErrorCode, GatewayError

MAX_INTROSPECTIONS = 3  # each may cost a tenth of a second, and no tool asks twice
MAX_COMPLEXITY = 4_000  # comparisons of fields in pairs: two dozen fragments on the same type, side by side
MANY = 1_000_000  # counts double with each fragment of a chain; past this they stop growing
INTROSPECTIONS = {"__schema", "__type"}

ADVICE = {
    "depth": "nest fields and argument values less deeply",
    "aliases": "send fewer aliases, or several operations",
    "directives": "send fewer directives",
    "fields": "select fewer fields, or send several operations",
    "tokens": "send a shorter document, with long values as variables",
    "length": "send a shorter document, with long values as variables",
    "complexity": "select the same fields less often, and nest fragments less deeply",
    "introspection": "ask for the schema once in an operation",
    "introspection depth": "ask for nested types by name, with __type",
    "values": "send fewer values in the variables, in several operations",
}


def exceeded(limit: str, allowed: int, *, value: int | None = None) -> GatewayError:
    """Return the error for something over `limit`, which says what was counted and what to do."""
    counted = "" if value is None else f" and this has {'over ' if value >= MANY else ''}{value}"
    details: dict[str, Any] = {"limit": limit, "allowed": allowed}
    if value is not None:
        details["value"] = value
    return GatewayError(
        f"This exceeds the limit of {limit}: {allowed} are allowed{counted}; {ADVICE[limit]}.",
        code=ErrorCode.LIMIT_EXCEEDED,
        **details,
    )


@dataclass(slots=True)
class Size:
    """The size of an operation or fragment.

    `spreads` are the names of fragments with the depth they appear at, and `repeats` counts the pairs of fields
    that answer under the same name in one selection, which validation would compare.
    """

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    fields: int = 0
    introspections: int = 0
    repeats: int = 0
    spreads: list[tuple[str, int]] = field(default_factory=list)

    def include(self, other: "Size", at: int) -> None:
        """Add a fragment that is spread at depth `at`."""
        self.depth = max(self.depth, at + other.depth)
        self.aliases = min(self.aliases + other.aliases, MANY)
        self.directives = min(self.directives + other.directives, MANY)
        self.fields = min(self.fields + other.fields, MANY)
        self.introspections = min(self.introspections + other.introspections, MANY)


def value_depth(values: Iterable[Any]) -> int:
    """Return how deeply lists and objects nest in argument values."""
    deepest = 0
    stack: list[tuple[Any, int]] = [(value, 0) for value in values]
    while stack:
        value, depth = stack.pop()
        deepest = max(deepest, depth)
        if isinstance(value, ListValueNode):
            stack.extend((item, depth + 1) for item in value.values)
        elif isinstance(value, ObjectValueNode):
            stack.extend((item.value, depth + 1) for item in value.fields)
    return deepest


def values_of(node: Any) -> Iterator[ValueNode]:
    """Yield every argument value of a selection and of its directives."""
    for holder in (node, *(node.directives or ())):
        for argument in getattr(holder, "arguments", None) or ():
            yield argument.value


def measure(definition: OperationDefinitionNode | FragmentDefinitionNode) -> Size:
    """Return the size of one definition, its fragment spreads not yet included."""
    size = Size(directives=len(definition.directives or ()))
    for variable in definition.variable_definitions or ():
        size.directives += len(variable.directives or ())
        size.depth = max(size.depth, value_depth([variable.default_value]))
    stack: list[tuple[Sequence[SelectionNode], int, dict[str, int]]] = [(definition.selection_set.selections, 0, {})]
    while stack:
        selections, depth, names = stack.pop()
        for node in selections:
            below, inner_names = depth, names
            if isinstance(node, FieldNode):
                name = (node.alias or node.name).value
                size.repeats += names.get(name, 0)
                names[name] = names.get(name, 0) + 1
                below, inner_names = depth + 1, {}
                size.fields += 1
                size.aliases += node.alias is not None
                size.introspections += node.name.value in INTROSPECTIONS
            elif isinstance(node, FragmentSpreadNode):
                size.spreads.append((node.name.value, depth))
            if node.directives or getattr(node, "arguments", None):
                size.directives += len(node.directives or ())
                size.depth = max(size.depth, value_depth(values_of(node)))
            size.depth = max(size.depth, below)
            inner: SelectionSetNode | None = getattr(node, "selection_set", None)
            if inner is not None:
                stack.append((inner.selections, below, inner_names))
    return size


def expand(name: str, fragments: dict[str, Size], done: set[str]) -> None:
    """Include in the fragment `name` all that it spreads, directly or not; each fragment is visited once.

    A spread back into a fragment that is still open adds nothing: validation refuses such a cycle afterwards.
    """
    opened = {name}
    stack = [(name, 0, iter(fragments[name].spreads))]
    while stack:
        current, depth, spreads = stack[-1]
        for spread, at in spreads:
            if spread in done:
                fragments[current].include(fragments[spread], at)
            elif spread in fragments and spread not in opened:
                opened.add(spread)
                stack.append((spread, at, iter(fragments[spread].spreads)))
                break
        else:
            stack.pop()
            done.add(current)
            if stack:
                fragments[stack[-1][0]].include(fragments[current], depth)


def oversize(document: DocumentNode, settings: Settings) -> list[GatewayError]:
    """Return a refusal for each limit that an operation of the document exceeds."""
    fragments = {
        definition.name.value: measure(definition)
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    done: set[str] = set()
    for name in fragments:
        if name not in done:
            expand(name, fragments, done)
    operations = [
        measure(definition) for definition in document.definitions if isinstance(definition, OperationDefinitionNode)
    ]
    largest = Size(repeats=sum(size.repeats for size in (*fragments.values(), *operations)))
    for size in operations:
        for name, at in size.spreads:
            if name in fragments:
                size.include(fragments[name], at)
        largest.depth = max(largest.depth, size.depth)
        largest.aliases = max(largest.aliases, size.aliases)
        largest.directives = max(largest.directives, size.directives)
        largest.fields = max(largest.fields, size.fields)
        largest.introspections = max(largest.introspections, size.introspections)
    limits = [
        ("depth", largest.depth, settings.max_depth),
        ("aliases", largest.aliases, settings.max_aliases),
        ("directives", largest.directives, settings.max_directives),
        ("fields", largest.fields, settings.max_fields),
        ("introspection", largest.introspections, MAX_INTROSPECTIONS),
        ("complexity", 2 * largest.repeats, MAX_COMPLEXITY),
    ]
    return [exceeded(limit, allowed, value=value) for limit, value, allowed in limits if value > allowed]


def check_variables(variables: dict[str, Any] | None, settings: Settings) -> None:
    """Raise the refusal of variables that hold too many values, or nest them too deeply."""
    values = 0
    stack: list[tuple[Any, int]] = [(variables or {}, 0)]
    while stack:
        value, depth = stack.pop()
        if depth > settings.max_depth:
            raise exceeded("depth", settings.max_depth)
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        values += len(inner)
        if values > settings.max_values:
            raise exceeded("values", settings.max_values)
        stack.extend((item, depth + 1) for item in inner)
