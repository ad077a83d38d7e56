"""Compiles the execution of selection sets: what is pure is read first, then each resolver is called."""

from collections.abc import Callable
from typing import Any, NamedTuple

from graphql import GraphQLObjectType, is_non_null_type, is_object_type

from compiler.arguments import arguments
from compiler.collector import Field, Selected
from compiler.extents import DEEPEST
from compiler.fields import Kind
from compiler.metadata import BATCH, PURE
from compiler.positions import Complete, Position
from compiler.readers import Reader, Readers
from compiler.runtime import raised
from compiler.source import Function

Execute = Callable[..., Any]  # (run, source, path, nullable) -> a dict, or something awaitable


class Place(NamedTuple):
    """What an object that is executed, its result and its path are called in a function, and how deep within it."""

    source: str
    result: str
    path: str
    depth: int = 0
    into: str = ""  # where else the result is put


class SelectionSets:
    """Compiles selection sets of one operation; `completer` gives what completes the values of their fields."""

    def __init__(self, readers: Readers, completer: Callable[[Position], Complete]) -> None:
        self.readers = readers
        self.extents = readers.extents
        self.completer = completer

    def compile(self, type: GraphQLObjectType, selected: Selected) -> Execute:
        """Return the function that executes fields of `source`, as `execute_fields`."""
        function = self.readers.function()
        odd = f"return run.fields({function.constant((type, selected.grouped))}, source, path)"
        self.write(function, type, selected.fields, Place("source", "o", "path"), odd)
        function.write("return o")
        return function.made("run, source, path, above")

    def write(self, function: Function, type: GraphQLObjectType, fields: list[Field], place: Place, odd: str) -> None:
        """Write the execution of fields of an object; `odd` is for what is not such an object."""
        pure = [field for field in fields if field.position is None or self.extents.fits(self.extents.of_field(field))]
        reader = Reader(self.readers, function)
        with function.block("try:"):
            function.write("pass")
            if place.depth:
                reader.check(type, pure, place.source)
            elif any(field.position for field in pure):
                reader.check_class(type, pure, place.source)
            shown = dict(zip(pure, reader.fields(type, pure, place.source), strict=True))
        function.write(f"except Exception: {odd}")
        with function.block("else:"):
            items = [shown.get(field) or f"{function.literal(field.key)}: None" for field in fields]
            function.write(f"{place.into}{place.result} = {{{', '.join(items)}}}")
            for field in fields:
                if field not in shown and field.position is not None:
                    Call(self, function, field.position, field.kind, place).write()

    def within(self, position: Position, depth: int) -> tuple[GraphQLObjectType, list[Field]] | None:
        """Return the fields of a value that are executed in the same function: of an object that has to be there."""
        type: Any = position.type
        if not is_non_null_type(type) or not is_object_type(type.of_type):
            return None
        type = type.of_type
        if not self.extents.tells(type) or depth >= DEEPEST or self.readers.is_repeated(type, position.details):
            return None
        selected = self.extents.collector.selected(type, position.details)
        if selected is None or not self.extents.has_room(len(selected.fields)):
            return None
        self.extents.add(len(selected.fields))
        return type, selected.fields


class Call:
    """Writes what resolves one field, and puts its value into the result."""

    def __init__(self, sets: SelectionSets, function: Function, position: Position, kind: Kind, place: Place) -> None:
        self._sets = sets
        self._place = place
        self._source = place.source
        self._path = function.variable()
        self._function = function
        self._position = position
        self._kind = kind
        self._at = function.constant(position)
        self._key = function.literal(position.key)
        self._document_key = sets.extents.knowledge.key(position.field) if kind is Kind.PLAIN else None
        if kind is not Kind.DELEGATED:
            position.complete = sets.completer(position)

    def write(self) -> None:
        function, at, field = self._function, self._at, self._position.field
        parent = function.literal(self._position.parent_name)
        function.write(f"{self._path} = ({self._place.path}, {self._key}, {parent})")
        match self._kind:
            case Kind.DELEGATED:
                self._delegate()
            case Kind.BATCHED:
                self._position.batch = field.metadata[BATCH]
                function.write(f"run.batch({at}, {self._source}, {self._place.result}, {self._path}, above)")
            case Kind.EVENT:
                self._put(self._source)
            case Kind.PLAIN if self._document_key is not None:
                key = function.literal(self._document_key)
                source = self._source
                self._resolved(f"{source}.get({key}) if {source}.__class__ is dict else {self._default()}")
            case Kind.PLAIN:
                self._resolved(self._default())
            case Kind.PURE:
                self._resolved(f"{function.constant(field.metadata[PURE])}({self._source})")
            case _:
                self._called()

    def _put(self, value: str) -> None:
        self._function.write(f"run.put({self._at}, {value}, {self._there()}, above)")

    def _delegate(self) -> None:
        self._function.write(f"run.delegate({self._at}, {self._source}, {self._there()}, above)")

    def _there(self) -> str:
        """Return where the value goes, and its path."""
        return f"{self._place.result}, {self._key}, {self._path}"

    def _default(self) -> str:
        """Return what calls the schema's default resolver."""
        field = self._position.field
        function = self._function
        return f"{function.constant(field.default_resolver)}({self._source}, {function.literal(field.python_name)})"

    def _called(self) -> None:
        """Call the field's function as Strawberry does, with what it asks for."""
        function, position = self._function, self._position
        field = position.field
        resolver = field.base_resolver
        given = [self._source] if resolver.self_parameter else []
        owners = {each.name for each in (resolver.parent_parameter, resolver.root_parameter) if each}  # often the same
        given += [f"{name}={self._source}" for name in sorted(owners)]
        if resolver.info_parameter:
            given.append(f"{resolver.info_parameter.name}=run.infos.info({self._at}, {self._path})")
        called = function.constant(resolver.wrapped_func)
        if not position.definition.args and not field.arguments:
            self._resolved(f"{called}({', '.join(given)})")
            return
        function.write(f"given = {function.constant(arguments)}(run, {self._at}, {self._path})")
        with function.block("if given is None:"):
            self._delegate()
        with function.block("else:"):
            self._resolved(f"{called}({', '.join([*given, '**given'])})")

    def _resolved(self, expression: str) -> None:
        function, x = self._function, self._function.variable()
        with function.block("try:"):
            function.write(f"{x} = {expression}")
        with function.block("except Exception as error:"):
            if self._kind is Kind.AWAITED:
                self._put(f"{function.constant(raised)}(error)")
            else:
                function.write(f"run.refuse({self._at}, error, {self._there()})")
        with function.block("else:"):
            is_read = self._kind is Kind.PURE or self._document_key is not None
            within = self._sets.within(self._position, self._place.depth) if is_read else None
            if within is None:
                self._put(x)
            else:
                into = f"{self._place.result}[{self._key}] = "
                place = Place(x, function.variable(), self._path, self._place.depth + 1, into)
                odd = f"run.put({self._at}, {x}, {self._there()}, above)"
                self._sets.write(function, *within, place, odd)
