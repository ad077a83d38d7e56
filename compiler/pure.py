"""Writes straight Python for what can be read of documents without an effect, however deep it is.

Anything unexpected raises, and the whole is done again by graphql-core: reading it twice does no harm.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import get_nullable_type, is_leaf_type, is_list_type, is_non_null_type, is_object_type

from compiler.fields import PURE, Kind
from compiler.leaves import converter, fast_leaf
from compiler.source import Function

if TYPE_CHECKING:
    from compiler.operations import Compiler


class Reading:
    """Writes the reading of pure values into a function. With `full` documents a key that is missing raises."""

    def __init__(self, compiler: "Compiler", function: Function, *, full: bool = False) -> None:
        self._compiler = compiler
        self._function = function
        self._full = full

    def field(self, field: Any, kind: Kind, source: str) -> str:
        """Return what reads a pure field of `source`, a dict."""
        function = self._function
        if kind is Kind.PURE:
            return f"{function.constant(field.metadata[PURE])}({source})"
        key = function.literal(self._compiler.knowledge.key(field))
        return f"{source}[{key}]" if self._full else f"{source}.get({key})"

    def value(self, type: Any, details: Any, x: str) -> None:
        """Complete the value `x` of a type, in its place."""
        function = self._function
        if is_non_null_type(type):
            self._needed(get_nullable_type(type), details, x)
        elif is_leaf_type(type):
            self._leaf(type, x, f"elif {x} is not None:", nullable=True)
        else:
            with function.block(f"if {x} is not None:"):
                self._needed(type, details, x)

    def _needed(self, type: Any, details: Any, x: str) -> None:
        function = self._function
        if is_leaf_type(type):
            self._leaf(type, x, "else:", nullable=False)
        elif is_list_type(type):
            item, items = function.variable(), function.variable()
            function.write(
                f"if {x}.__class__ is not list and {x}.__class__ is not tuple: raise OddValueError", f"{items} = []"
            )
            with function.block(f"for {item} in {x}:"):
                self.value(type.of_type, details, item)
                function.write(f"{items}.append({item})")
            function.write(f"{x} = {items}")
        else:
            self._object(type, details, x)

    def _object(self, type: Any, details: Any, x: str) -> None:
        """Read an object: here, or where the same fields are read elsewhere as well, in a function of its own."""
        function = self._function
        if self._compiler.is_repeated(type, details):
            function.write(f"{x} = {function.constant(self._compiler.reader(type, details))}({x})")
            return
        self.object(type, details, x)

    def object(self, type: Any, details: Any, x: str) -> None:
        """Read an object `x`, in its place."""
        function = self._function
        fields = self._compiler.fields_of(type, details)
        self.check(type, fields, x)
        shown = self.fields(type, fields, x)
        function.write(f"{x} = {{{', '.join(shown)}}}")

    def check(self, type: Any, fields: Any, x: str) -> None:
        """Raise for what is not an object of a type."""
        function = self._function
        self.check_class(type, fields, x)
        if type.is_type_of is not None:
            mark, name = function.literal(self._compiler.knowledge.mark(type)), function.literal(type.name)
            function.write(f"if {mark} in {x} and {x}[{mark}] != {name}: raise OddValueError")

    def check_class(self, type: Any, fields: Any, x: str) -> None:
        """Raise for what these fields are not read of: that must be a dict where keys are, and else may be a tuple."""
        has_keys = type.is_type_of is not None or any(kind is not Kind.PURE for _, position, kind in fields if position)
        tuples = "" if has_keys else f" and {x}.__class__ is not tuple"
        self._function.write(f"if {x}.__class__ is not dict{tuples}: raise OddValueError")

    def fields(self, type: Any, fields: Any, x: str) -> list[str]:
        """Read fields of an object; return the items of its result."""
        function, shown = self._function, []
        self._compiler.fields += len(fields)
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
        convert = function.constant(converter(type, self._compiler.is_awaitable))
        fast = fast_leaf(type, self._compiler.knowledge.orjson_datetimes)
        if fast is None:
            function.write(f"if {x} is not None: {x} = {convert}({x})" if nullable else f"{x} = {convert}({x})")
            return
        test = fast.test.format(*map(function.constant, fast.constants), x=x, y="y")
        if fast.made:
            function.write(f"if {test}: {x} = y", f"{otherwise} {x} = {convert}({x})")
        else:
            given = f" and {x} is not None" if nullable else ""
            function.write(f"if not ({test}){given}: {x} = {convert}({x})")


class Extent(NamedTuple):
    """How deep loops are nested in reading a pure value, and how many fields it has in all."""

    depth: int
    fields: int


def extent(compiler: "Compiler", type: Any, details: Any) -> Extent | None:
    """Return the extent of a value that is read without an effect, with all that is selected of it; else None."""
    depth = 0
    while is_non_null_type(type) or is_list_type(type):
        depth += is_list_type(type)
        type = type.of_type
    if is_leaf_type(type):
        return Extent(depth, 1)
    if not is_object_type(type) or (type.is_type_of is not None and compiler.knowledge.mark(type) is None):
        return None
    beneath = compiler.extent_of(type, details)
    return beneath and Extent(depth + beneath.depth, beneath.fields)


def extent_of_fields(compiler: "Compiler", fields: list[Any]) -> Extent | None:
    """Return the extent of an object with these fields, where all are pure."""
    depth, number = 0, 1
    for field in fields:
        found = extent_of_field(compiler, field)
        if found is None:
            return None
        depth, number = max(depth, found.depth), number + found.fields
    return Extent(depth, number)


def extent_of_field(compiler: "Compiler", field: Any) -> Extent | None:
    _, position, kind = field
    if position is None:
        return Extent(0, 1)
    if kind is not Kind.PURE and (kind is not Kind.PLAIN or compiler.knowledge.key(position.field) is None):
        return None
    return extent(compiler, position.type, position.details)
