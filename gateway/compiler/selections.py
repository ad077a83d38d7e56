"""Compiles the execution of fields of an object: what is pure is read first, then each resolver is called."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import GraphQLObjectType
from graphql.execution.collect_fields import GroupedFieldSet

from gateway.compiler.fields import BATCH, PURE, Kind
from gateway.compiler.positions import Position
from gateway.compiler.pure import Reading, not_readable
from gateway.compiler.source import Function

if TYPE_CHECKING:
    from gateway.compiler.operations import Compiler

Execute = Callable[..., Any]  # (run, source, path, nullable) -> a dict, or something awaitable


class Field(NamedTuple):
    """A field that is selected; that which gives the name of its type has no position."""

    key: str
    position: Position | None
    kind: Kind


def select(compiler: "Compiler", type: GraphQLObjectType, fields: list[Field], grouped: GroupedFieldSet) -> Execute:
    """Return the function that executes fields of `source`, as `execute_fields`."""
    function = Function()
    pure = [field for field in fields if compiler.is_pure(field)]
    reads = any(field.position is not None for field in pure)
    others = [field for field in fields if field not in pure]
    if reads:
        rest = function.constant((type, grouped))
        function.write(f"if {not_readable(type, pure, 'source')}:", f" return run.fields({rest}, source, path)")
        with function.block("try:"):
            shown = dict(zip(pure, Reading(compiler, function).fields(type, pure, "source"), strict=True))
        function.write("except Exception:", f" return run.fields({rest}, source, path)")
    else:
        shown = dict(zip(pure, Reading(compiler, function).fields(type, pure, "source"), strict=True))
    items = [shown.get(field) or f"{function.literal(field.key)}: None" for field in fields]
    function.write(f"o = {{{', '.join(items)}}}")
    for _, position, kind in others:
        assert position is not None  # noqa: S101 - for the type checker: the others are all pure
        Call(compiler, function, position, kind).write()
    function.write("return o")
    return function.made("run, source, path, above")


class Call:
    """Writes what resolves one field, and puts its value into the object `o`."""

    def __init__(self, compiler: "Compiler", function: Function, position: Position, kind: Kind) -> None:
        self._function = function
        self._position = position
        self._kind = kind
        self._at = function.constant(position)
        self._key = function.literal(position.key)
        self._info = compiler.info
        self._document_key = compiler.knowledge.key(position.field) if kind is Kind.PLAIN else None
        if kind is not Kind.DELEGATED:
            position.complete = compiler.when_needed(position)

    def write(self) -> None:
        function, at, field = self._function, self._at, self._position.field
        function.write(f"p = (path, {self._key}, {function.literal(self._position.parent_name)})")
        match self._kind:
            case Kind.DELEGATED:
                function.write(f"run.delegate({at}, source, o, {self._key}, p, above)")
            case Kind.BATCHED:
                self._position.batch = field.metadata[BATCH]
                function.write(f"run.batch({at}, source, o, p, above)")
            case Kind.EVENT:
                self._put("source")
            case Kind.PLAIN if self._document_key is not None:
                key = function.literal(self._document_key)
                self._resolved(f"source.get({key}) if source.__class__ is dict else {self._default()}")
            case Kind.PLAIN:
                self._resolved(self._default())
            case Kind.PURE:
                self._resolved(f"{function.constant(field.metadata[PURE])}(source)")
            case _:
                self._called()

    def _put(self, value: str) -> None:
        self._function.write(f"run.put({self._at}, {value}, o, {self._key}, p, above)")

    def _default(self) -> str:
        """Return what calls the schema's default resolver."""
        field = self._position.field
        function = self._function
        return f"{function.constant(field.default_resolver)}(source, {function.literal(field.python_name)})"

    def _called(self) -> None:
        """Call the field's function as Strawberry does, with what it asks for."""
        function, position = self._function, self._position
        field = position.field
        resolver = field.base_resolver
        given = ["source"] if resolver.self_parameter else []
        owners = {each.name for each in (resolver.parent_parameter, resolver.root_parameter) if each}  # often the same
        given += [f"{name}=source" for name in sorted(owners)]
        info = function.constant(self._info)
        if resolver.info_parameter:
            given.append(f"{resolver.info_parameter.name}={info}(run, {self._at}, p)")
        called = function.constant(resolver.wrapped_func)
        if not position.definition.args and not field.arguments:
            self._resolved(f"{called}({', '.join(given)})")
            return
        function.write(f"given = run.arguments.get({self._at}) or arguments(run, {self._at}, p, {info})")
        with function.block("if given is None:"):
            function.write(f"run.delegate({self._at}, source, o, {self._key}, p, above)")
        with function.block("else:"):
            self._resolved(f"{called}({', '.join([*given, '**given'])})")

    def _resolved(self, expression: str) -> None:
        function = self._function
        with function.block("try:"):
            function.write(f"x = {expression}")
        with function.block("except Exception as error:"):
            if self._kind is Kind.AWAITED:
                self._put("raised(error)")
            else:
                function.write(f"run.refuse({self._at}, error, o, {self._key}, p)")
        with function.block("else:"):
            self._put("x")
