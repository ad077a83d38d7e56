"""Operations over any schema: aliases, fragments, directives, variables, merged fields, nulls and wrong types."""

import json
from collections.abc import Callable, Collection, Mapping
from functools import cache, partial
from random import Random
from typing import Any, NamedTuple

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

WRONG = None, True, 7, 1.5, "wrong", [], {"wrong": 1}
MISSING: Any = object()
MOST_NAMES = 60  # a little more are given before an operation ends
TEXTS = "", "a", "ω", "two words", '"quoted"'


Pools = Mapping[str, Callable[[Random], Any]]  # by the name of the scalar


class Operation(NamedTuple):
    """A document with one operation, and the variables to send with it."""

    text: str
    variables: dict[str, Any]


class Enumerated(str):
    """The name of an enum's value, which is written without quotes."""

    __slots__ = ()


class Writer:
    """Writes one operation by chance.

    `pools` gives values for scalars; so often is a value `wrong`, and so often an `optional` argument given,
    but none of those `without`.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        random: Random,
        pools: Mapping[str, Callable[[Random], Any]],
        *,
        wrong: float,
        optional: float = 0.5,
        without: Collection[str] = (),
    ) -> None:
        self._schema = schema
        self._random = random
        self._pools = pools
        self._wrong = wrong
        self._optional = optional
        self._without = without
        self._clashing = clashing(schema)
        self._names = 0
        self._declared: list[str] = []
        self._drawing: dict[str, Callable[[], Any]] = {}
        self._fragments: dict[str, list[str]] = {}
        self._written: list[str] = []

    def operation(self, kind: str, root: Any, *, depth: int, width: int = 4, of: str = "") -> Operation:
        """Write an operation on the root, or on what is beneath it: then `of` is the field that leads there."""
        one = kind == "subscription" and not of
        shown = f"{{ {self._field(root, depth, width)} }}" if one else self._selection(root, depth, width)
        shown = f"{{ {of} {shown} }}" if of else shown
        declared = f"({', '.join(self._declared)})" if self._declared else ""
        return Operation("\n".join([f"{kind} {declared} {shown}", *self._written]), self.variables())

    def variables(self) -> dict[str, Any]:
        """Return other variables for the operation each time."""
        drawn = {name: draw() for name, draw in self._drawing.items()}
        return {name: value for name, value in drawn.items() if value is not MISSING}

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _name(self, prefix: str) -> str:
        self._names += 1
        return f"{prefix}{self._names}"

    def _selection(self, type: Any, depth: int, width: int) -> str:
        if self._names > MOST_NAMES:
            return "{ __typename }"
        parts = [self._part(type, depth, width) for _ in range(self._random.randint(1, width))]
        return "{ " + " ".join(parts) + " }"

    def _part(self, type: Any, depth: int, width: int) -> str:
        drawn = self._random.random()
        if drawn < 0.1:
            return f"... {self._directives()} {self._selection(type, depth, 2)}"
        if drawn < 0.2 or (is_abstract_type(type) and drawn < 0.6):
            narrowed = self._narrower(type)
            return f"... on {narrowed} {self._directives()} {{ {self._field(narrowed, depth, width)} }}"
        if drawn < 0.3:
            return f"...{self._fragment(type, depth)} {self._directives()}"
        return self._field(type, depth, width)

    def _narrower(self, type: Any) -> Any:
        """Draw a type that a value of this one may have."""
        possible = [*self._schema.get_possible_types(type), type] if is_abstract_type(type) else [type]
        possible += getattr(type, "interfaces", ())
        return self._random.choice(possible)

    def _fragment(self, type: Any, depth: int) -> str:
        """Return a fragment of a type, often one that is spread elsewhere."""
        known = self._fragments.setdefault(f"{type}{depth}", [])
        if known and self._chance(0.6):
            return self._random.choice(known)
        name = self._name("F")
        self._written.append(f"fragment {name} on {type} {self._selection(type, max(depth - 1, 0), 3)}")
        known.append(name)  # only now, so that no fragment is spread in itself
        return name

    def _field(self, type: Any, depth: int, width: int) -> str:
        fields = getattr(type, "fields", {})
        usable = [name for name, field in fields.items() if depth > 0 or is_leaf_type(get_named_type(field.type))]
        if not usable or self._chance(0.08):
            return f"{self._name('t')}: __typename" if self._chance(0.5) else "__typename"
        name = self._random.choice(usable)
        field = fields[name]
        below = get_named_type(field.type)
        shown = self._selection(below, depth - 1, width) if is_composite_type(below) else ""
        alias = f"{self._name('a')}: " if field.args or self._chance(0.2) else ""  # others are merged
        if not alias and name in self._clashing:
            alias = f"{type}_{name}: "
        return f"{alias}{name}{self._arguments(field)} {self._directives()} {shown}"

    def _directives(self) -> str:
        if not self._chance(0.15):
            return ""
        name = self._random.choice(["skip", "include"])
        match self._random.randint(0, 9):
            case 0 | 1 | 2:
                value = "true"
            case 3 | 4 | 5:
                value = "false"
            case 6:
                value = self._declare("Boolean", lambda: self._random.choice([True, False, None]), " = true")
            case _:
                value = self._declare("Boolean!", lambda: self._chance(0.5))
        return f"@{name}(if: {value})"

    def _declare(self, type: str, draw: Callable[[], Any], default: str = "") -> str:
        name = self._name("v")
        self._declared.append(f"${name}: {type}{default}")
        self._drawing[name] = draw
        return f"${name}"

    def _sent(self, type: Any) -> Any:
        """Return the value of a variable, which may be missing."""
        if not isinstance(type, GraphQLNonNull) and self._chance(0.3):
            return MISSING
        return plain(self.value(type))

    def _arguments(self, field: Any) -> str:
        given = []
        for name, argument in field.args.items():
            if name in self._without or not (is_required_argument(argument) or self._chance(self._optional)):
                continue
            if self._chance(0.3):
                written = self._declare(str(argument.type), partial(self._sent, argument.type))
            else:
                written = literal(self.value(argument.type))
            given.append(f"{name}: {written}")
        return f"({', '.join(given)})" if given else ""

    def value(self, type: Any) -> Any:
        """Return a value of an input type, or perhaps none of it."""
        if self._chance(self._wrong):
            return self._random.choice(WRONG)
        match type:
            case GraphQLNonNull():
                return self._present(type.of_type)
            case _ if self._chance(0.1):
                return None
        return self._present(type)

    def _present(self, type: Any) -> Any:
        match type:
            case GraphQLList():
                return [self.value(type.of_type) for _ in range(self._random.randint(0, 2))]
            case GraphQLEnumType():
                return Enumerated(self._random.choice(list(type.values)))
            case GraphQLInputObjectType(is_one_of=True):
                name = self._random.choice(list(type.fields))
                return {name: self._present(type.fields[name].type)}
            case GraphQLInputObjectType():
                chosen = {
                    name: field
                    for name, field in type.fields.items()
                    if is_required_input_field(field) or self._chance(0.4)
                }
                return {name: self.value(field.type) for name, field in chosen.items()}
        return self._pools[type.name](self._random)


@cache
def clashing(schema: GraphQLSchema) -> frozenset[str]:
    """Return the names of fields that are of different types in objects that may stand in the same place."""
    found = set()
    for abstract in filter(is_abstract_type, schema.type_map.values()):
        types: dict[str, str] = {}
        for member in schema.get_possible_types(abstract):  # type: ignore[arg-type]  # as filtered
            for name, field in member.fields.items():
                if types.setdefault(name, str(field.type)) != str(field.type):
                    found.add(name)
    return frozenset(found)


SCALARS: Pools = {
    "Int": lambda random: random.choice([0, 1, 2, 3, 4, 1000]),
    "Float": lambda random: random.choice([0.5, 1, -2.0]),
    "String": lambda random: random.choice(TEXTS),
    "ID": lambda random: random.choice(["1", "2", "none"]),
    "Boolean": lambda random: random.random() < 0.5,
}


def plain(value: Any) -> Any:
    """Return a value as it is sent in variables."""
    match value:
        case Enumerated():
            return str(value)
        case list():
            return [plain(each) for each in value]
        case dict():
            return {key: plain(each) for key, each in value.items()}
    return value


def literal(value: Any) -> str:
    """Return a value as it is written in a document."""
    match value:
        case Enumerated():
            return str(value)
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case dict():
            return "{" + ", ".join(f"{key}: {literal(each)}" for key, each in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)
