"""Finds what an operation uses that is deprecated, once with its document, so that each of its answers can say so."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from graphql import (
    ArgumentNode,
    DefinitionNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    ObjectFieldNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    visit,
)

MAX_DEPRECATIONS = 20  # that one answer names

Reasons = Mapping[str, str]  # by coordinate: `Type.field`, `Type.field(argument:)`, `Input.field`, `Enum.VALUE`
Extensions = dict[str | None, dict[str, Any]]
Element = GraphQLField | GraphQLArgument | GraphQLInputField | GraphQLEnumValue


def deprecations(schema: GraphQLSchema) -> dict[str, str]:
    """Return the reason of everything that is deprecated, by its coordinate."""
    found: dict[str, str] = {}
    for kind in schema.type_map.values():
        for coordinate, element in elements(kind):
            if element.deprecation_reason is not None:
                found[coordinate] = element.deprecation_reason
    return found


def elements(kind: GraphQLNamedType) -> Iterator[tuple[str, Element]]:
    """Yield what a type has that can be deprecated, each with its coordinate."""
    if isinstance(kind, GraphQLEnumType):
        yield from ((f"{kind}.{name}", value) for name, value in kind.values.items())
    elif isinstance(kind, GraphQLInputObjectType):
        yield from ((f"{kind}.{name}", field) for name, field in kind.fields.items())
    elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in kind.fields.items():
            yield f"{kind}.{name}", field
            yield from ((f"{kind}.{name}({argument}:)", given) for argument, given in field.args.items())


def told(schema: GraphQLSchema, document: DocumentNode, reasons: Reasons) -> Extensions:
    """Return the `extensions` of the answers of each operation that uses something deprecated, by its name.

    Under None are those of the only operation. Values of variables are not looked at, only their defaults.
    """
    operations: dict[str | None, Uses] = {}
    fragments: dict[str, Uses] = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            operations[definition.name.value if definition.name else None] = uses_of(schema, definition, reasons)
        elif isinstance(definition, FragmentDefinitionNode):
            fragments[definition.name.value] = uses_of(schema, definition, reasons)
    if len(operations) == 1:
        operations[None] = next(iter(operations.values()))
    used = {name: list(islice(reached(uses, fragments), MAX_DEPRECATIONS)) for name, uses in operations.items()}
    return {
        name: {"deprecations": [{"coordinate": each, "reason": reasons[each]} for each in coordinates]}
        for name, coordinates in used.items()
        if coordinates
    }


class Uses(Visitor):
    """The deprecated coordinates that a definition names, and the fragments that it spreads, each once."""

    def __init__(self, types: TypeInfo, reasons: Reasons) -> None:
        super().__init__()
        self.coordinates: dict[str, None] = {}
        self.spreads: dict[str, None] = {}
        self._types = types
        self._reasons = reasons
        self._field = ""  # whose arguments come next: before those of any other field

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self._field = f"{self._types.get_parent_type()}.{node.name.value}"
        self._use(self._field)

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        if self._types.get_directive() is None:
            self._use(f"{self._field}({node.name.value}:)")

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        self._use(f"{get_named_type(self._types.get_parent_input_type())}.{node.name.value}")

    def enter_enum_value(self, node: EnumValueNode, *_: Any) -> None:
        self._use(f"{get_named_type(self._types.get_input_type())}.{node.value}")

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self.spreads[node.name.value] = None

    def _use(self, coordinate: str) -> None:
        if coordinate in self._reasons:
            self.coordinates[coordinate] = None


def uses_of(schema: GraphQLSchema, definition: DefinitionNode, reasons: Reasons) -> Uses:
    types = TypeInfo(schema)
    uses = Uses(types, reasons)
    visit(definition, TypeInfoVisitor(types, uses))
    return uses


def reached(operation: Uses, fragments: Mapping[str, Uses]) -> Iterator[str]:
    """Yield what an operation uses itself or by its fragments, each once."""
    seen: set[str] = set()
    opened: set[str] = set()
    stack = [operation]
    while stack:
        uses = stack.pop()
        yield from (coordinate for coordinate in uses.coordinates if coordinate not in seen)
        seen.update(uses.coordinates)
        news = [name for name in uses.spreads if name not in opened]
        opened.update(news)
        stack.extend(fragments[name] for name in reversed(news))
