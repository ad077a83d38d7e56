"""The lines of Python that execute the fields selected of an object."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import GraphQLObjectType, GraphQLSchema, TypeNameMetaFieldDef, is_leaf_type, is_non_null_type
from graphql.execution.collect_fields import GroupedFieldSet

from gateway.compiler.fields import Kind, kind_of
from gateway.compiler.leaves import fast_leaf
from gateway.compiler.positions import Position
from gateway.compiler.source import Function, Lazy, indented
from gateway.compiler.values import PlainLeaf, leaf_lines, value_lines

if TYPE_CHECKING:
    from gateway.compiler.operations import Compiler


class Selection(NamedTuple):
    """The function that executes the fields selected of an object, and its leaves where all of them are plain."""

    execute: Callable[..., Any]
    leaves: Sequence[PlainLeaf]


class Place:
    """One field to write: its position, and the names that it has in the function."""

    def __init__(self, function: Function, position: Position, kind: Kind, number: int) -> None:
        self.function = function
        self.position = position
        self.kind = kind
        self.at = function.constant(position)
        self.key = function.constant(position.key)
        self.path = f"(path, {self.key}, {function.constant(position.parent_name)})"
        self.x = f"v{number}"
        self.is_leaf = is_leaf_type(position.leaf)


def positions(
    schema: GraphQLSchema, type: GraphQLObjectType, fields: GroupedFieldSet
) -> Iterator[tuple[str, Position | None, Kind]]:
    """Yield each field that there is with its key; those that give the name of the type have no position."""
    for key, details in fields.items():
        definition = schema.get_field(type, details[0].node.name.value)
        if definition is TypeNameMetaFieldDef:
            yield key, None, Kind.PLAIN
        elif definition is not None:
            kind, field = kind_of(definition)
            yield key, Position(definition.type, details, definition, type, field), kind


def select(compiler: "Compiler", schema: GraphQLSchema, type: GraphQLObjectType, fields: GroupedFieldSet) -> Selection:
    """Compile the execution of fields of `source`, as `execute_fields`."""
    function = Function()
    body: list[str] = []
    shown: list[str] = []
    leaves: list[PlainLeaf] | None = []
    leaf: PlainLeaf | None
    documents = False
    for key, position, kind in positions(schema, type, fields):
        if position is None:
            shown.append(f"{function.constant(key)}: {function.constant(type.name)}")
            leaf = PlainLeaf(key, None, type.name)
        else:
            place = Place(function, position, kind, len(shown))
            body += field_lines(compiler, place)
            shown.append(f"{place.key}: {place.x}")
            read = compiler.reader.key(position.field) if kind is Kind.PLAIN else None
            documents = documents or read is not None
            is_plain = read is not None and place.is_leaf and fast_leaf(position.leaf)
            leaf = PlainLeaf(key, position, read) if read is not None and is_plain else None
        leaves = None if leaves is None or leaf is None else [*leaves, leaf]
    lines = ["w = None", "try:", *indented(body or ["pass"])]
    lines += ["except Exception:", " if w is not None:", "  abandon(ex, w)", " raise"]
    lines += [f"results = {{{', '.join(shown)}}}", "return results if w is None else gather(results, w)"]
    if documents:
        rest = function.constant((type, dict(fields)))
        lines = ["if source.__class__ is not dict:", f" return fields(ex, {rest}, source, path)", *lines]
    if leaves:
        return Selection(Lazy(lambda: function.made("ex, source, path", lines)), leaves)
    return Selection(function.made("ex, source, path", lines), ())


def field_lines(compiler: "Compiler", place: Place) -> Iterator[str]:
    """Leave what the field gives in its variable."""
    match place.kind:
        case Kind.PLAIN:
            return plain_field(compiler, place)
        case Kind.CALLED | Kind.AWAITED:
            return called_field(compiler, place)
        case Kind.EVENT:
            return iter([f"{place.x} = source", *completed_lines(compiler, place)])
    return iter([delegated(place)])


def delegated(place: Place) -> str:
    return f"{place.x}, w = delegate(ex, {place.at}, source, {place.path}, w)"


def completed_lines(compiler: "Compiler", place: Place) -> Iterator[str]:
    """Complete the value, which may have to be awaited first."""
    x = place.x
    if place.is_leaf and place.kind is not Kind.AWAITED:
        slow = f"{x}, w = leaf(ex, {place.at}, {x}, {place.path}, w)"
        return leaf_lines(place.function, place.position, x, slow)
    return value_lines(place.function, place.position, x, place.path, compiler.completer(place.position))


def plain_field(compiler: "Compiler", place: Place) -> Iterator[str]:
    read = f"{place.x} = {compiler.reader.expression(place.position.field, place.function)}"
    completed = completed_lines(compiler, place)
    if compiler.reader.key(place.position.field) is None:
        yield from ("try:", f" {read}", *failing(place), "else:", *indented(completed))
        return
    yield read
    if place.is_leaf or is_non_null_type(place.position.type):
        yield from completed
    else:
        yield from (f"if {place.x} is not None:", *indented(completed))


def failing(place: Place) -> tuple[str, str]:
    return "except Exception as error:", f" {place.x} = fail(ex, {place.at}, error, {place.path})"


def called_field(compiler: "Compiler", place: Place) -> Iterator[str]:
    """Call the field's function as Strawberry does, with what it asks for."""
    field: Any = place.position.field
    resolver = field.base_resolver
    given = ["source"] if resolver.self_parameter else []
    owners = {each.name for each in (resolver.parent_parameter, resolver.root_parameter) if each}  # often the same one
    given += [f"{name}=source" for name in sorted(owners)]
    if resolver.info_parameter:
        made = place.function.constant(compiler.info)
        given.append(f"{resolver.info_parameter.name}={made}(ex, {place.at}, {place.path})")
    if not place.position.definition.args and not field.arguments:
        yield from call(compiler, place, given)
        return
    yield f"given = arguments(ex, {place.at}, {place.path}, {place.function.constant(compiler.info)})"
    yield "if given is None:"
    yield f" {delegated(place)}"
    yield "else:"
    yield from indented(call(compiler, place, [*given, "**given"]))


def call(compiler: "Compiler", place: Place, given: list[str]) -> Iterator[str]:
    function = place.function.constant(place.position.field.base_resolver.wrapped_func)
    yield from ("try:", f" {place.x} = {function}({', '.join(given)})")
    completed = completed_lines(compiler, place)
    if place.kind is Kind.AWAITED:
        yield from ("except Exception as error:", f" {place.x} = raised(error)", *completed)
    else:
        yield from (*failing(place), "else:", *indented(completed))
