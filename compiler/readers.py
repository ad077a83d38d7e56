"""Writes straight Python for what can be read of documents without an effect, however deep it is.

Anything unexpected raises, and the whole is done again by graphql-core: reading it twice does no harm.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from graphql import GraphQLObjectType, get_nullable_type, is_leaf_type, is_list_type, is_non_null_type
from graphql.execution.collect_fields import FieldDetailsList

from compiler.collector import Field, key_of
from compiler.extents import Extents
from compiler.fields import Kind
from compiler.leaves import OddValueError, converter, fast_leaf
from compiler.metadata import PURE
from compiler.source import Function, Maker


class Readers:
    """What the functions of one operation have in common, those among them that are called by others."""

    def __init__(self, extents: Extents, is_awaitable: Callable[[Any], bool]) -> None:
        self.extents = extents
        self.makers: set[Maker] = set()
        self._is_awaitable = is_awaitable
        self._read: set[Hashable] = set()
        self._functions: dict[Hashable, Callable[[Any], Any]] = {}
        self._converters: dict[Any, Callable[[Any], Any]] = {}

    def function(self) -> Function:
        """Return a new function of the operation."""
        return Function(self.makers)

    def is_repeated(self, type: GraphQLObjectType, details: FieldDetailsList) -> bool:
        """Return whether the same fields have been read before: in a fragment that is spread again."""
        key = key_of(type, details)
        is_repeated = key in self._read
        self._read.add(key)
        return is_repeated

    def reader_of(self, type: GraphQLObjectType, details: FieldDetailsList) -> Callable[[Any], Any]:
        """Return the function that reads an object without an effect, or raises."""
        key = key_of(type, details)
        if key not in self._functions:
            function = self.function()
            Reader(self, function).object(type, details, "x")
            function.write("return x")
            self._functions[key] = function.made("x")
        return self._functions[key]

    def converter_of(self, type: Any) -> Callable[[Any], Any]:
        """Return the function that serializes any value of a leaf type, or raises."""
        if type not in self._converters:
            self._converters[type] = converter(type, self._is_awaitable)
        return self._converters[type]


class Reader:
    """Writes the reading of pure values into a function. With `full` documents a key that is missing raises."""

    def __init__(self, readers: Readers, function: Function, *, full: bool = False) -> None:
        self._readers = readers
        self._knowledge = readers.extents.knowledge
        self._function = function
        self._odd = f"raise {function.constant(OddValueError)}"
        self._full = full

    def field(self, field: Any, kind: Kind, source: str) -> str:
        """Return what reads a pure field of `source`, a dict."""
        function = self._function
        if kind is Kind.PURE:
            return f"{function.constant(field.metadata[PURE])}({source})"
        key = function.literal(self._knowledge.key(field))
        return f"{source}[{key}]" if self._full else f"{source}.get({key})"

    def value(self, type: Any, details: FieldDetailsList, x: str) -> None:
        """Complete the value `x` of a type, in its place."""
        function = self._function
        if is_non_null_type(type):
            self._needed(get_nullable_type(type), details, x)
        elif is_leaf_type(type):
            self._leaf(type, x, f"elif {x} is not None:", nullable=True)
        else:
            with function.block(f"if {x} is not None:"):
                self._needed(type, details, x)

    def _needed(self, type: Any, details: FieldDetailsList, x: str) -> None:
        function = self._function
        if is_leaf_type(type):
            self._leaf(type, x, "else:", nullable=False)
        elif is_list_type(type):
            item, items = function.variable(), function.variable()
            function.write(f"if {x}.__class__ is not list and {x}.__class__ is not tuple: {self._odd}", f"{items} = []")
            with function.block(f"for {item} in {x}:"):
                self.value(type.of_type, details, item)
                function.write(f"{items}.append({item})")
            function.write(f"{x} = {items}")
        else:
            self._object(type, details, x)

    def _object(self, type: GraphQLObjectType, details: FieldDetailsList, x: str) -> None:
        """Read an object: here, or where the same fields are read elsewhere as well, in a function of its own."""
        function = self._function
        if self._readers.is_repeated(type, details):
            function.write(f"{x} = {function.constant(self._readers.reader_of(type, details))}({x})")
            return
        self.object(type, details, x)

    def object(self, type: GraphQLObjectType, details: FieldDetailsList, x: str) -> None:
        """Read an object `x`, in its place; only one that has an extent can be."""
        selected = self._readers.extents.collector.selected(type, details)
        fields = selected.fields if selected else []
        self.check(type, fields, x)
        shown = self.fields(type, fields, x)
        self._function.write(f"{x} = {{{', '.join(shown)}}}")

    def check(self, type: GraphQLObjectType, fields: Sequence[Field], x: str) -> None:
        """Raise for what is not an object of a type."""
        function = self._function
        self.check_class(type, fields, x)
        if type.is_type_of is not None:
            mark, name = function.literal(self._knowledge.mark(type)), function.literal(type.name)
            function.write(f"if {mark} in {x} and {x}[{mark}] != {name}: {self._odd}")

    def check_class(self, type: GraphQLObjectType, fields: Sequence[Field], x: str) -> None:
        """Raise for what these fields are not read of: that must be a dict where keys are, and else may be a tuple."""
        has_keys = type.is_type_of is not None or any(kind is not Kind.PURE for _, position, kind in fields if position)
        tuples = "" if has_keys else f" and {x}.__class__ is not tuple"
        self._function.write(f"if {x}.__class__ is not dict{tuples}: {self._odd}")

    def fields(self, type: GraphQLObjectType, fields: Sequence[Field], x: str) -> list[str]:
        """Read fields of an object; return the items of its result."""
        function, shown = self._function, []
        self._readers.extents.add(len(fields))
        for key, position, kind in fields:
            value = function.literal(type.name)
            if position is not None:
                value = function.variable()
                function.write(f"{value} = {self.field(position.field, kind, x)}")
                self.value(position.type, position.details, value)
            shown.append(f"{function.literal(key)}: {value}")
        return shown

    def _leaf(self, type: Any, x: str, otherwise: str, *, nullable: bool) -> None:
        """Serialize a leaf."""
        function = self._function
        convert = function.constant(self._readers.converter_of(type))
        fast = fast_leaf(type, self._knowledge.orjson_datetimes)
        if fast is None:
            function.write(f"if {x} is not None: {x} = {convert}({x})" if nullable else f"{x} = {convert}({x})")
            return
        test = fast.test.format(*map(function.constant, fast.constants), x=x, y="y")
        if fast.made:
            function.write(f"if {test}: {x} = y", f"{otherwise} {x} = {convert}({x})")
        else:
            given = f" and {x} is not None" if nullable else ""
            function.write(f"if not ({test}){given}: {x} = {convert}({x})")
