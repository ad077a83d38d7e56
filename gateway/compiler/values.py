"""The lines of Python that complete a value: lists, leaves, and what precedes the fields of an object."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from graphql import is_non_null_type

from gateway.compiler.leaves import fast_leaf
from gateway.compiler.positions import Position
from gateway.compiler.source import Function, indented


class PlainLeaf(NamedTuple):
    """A leaf that is read of a document and serialized fast, or else the name of the type."""

    key: str
    position: Position | None
    shown: str = ""


class Completer(NamedTuple):
    """The function that completes the values at a position.

    Values of the class `direct` can be given to `execute`. If they have nothing but plain leaves, `leaves` are these.
    """

    complete: Callable[..., Any]
    direct: str | None = None
    execute: Callable[..., Any] | None = None
    leaves: Sequence[PlainLeaf] = ()


def leaf_lines(function: Function, position: Position, x: str, slow: str) -> Iterator[str]:
    """Serialize `x`; what is not fast goes to `slow`."""
    nullable = not is_non_null_type(position.type)
    test, made = fast_test(function, position, x, "y")
    if made:
        yield f"if {test}:"
        yield f" {x} = {made}"
        yield f"elif {x} is not None:" if nullable else "else:"
    else:
        yield f"if not ({test}) and {x} is not None:" if nullable else f"if not ({test}):"
    yield f" {slow}"


def fast_test(function: Function, position: Position, x: str, y: str) -> tuple[str, str | None]:
    """Return the test of a leaf, and what it leaves the result in if that is not the value itself."""
    fast = fast_leaf(position.leaf)
    if fast is None:
        return "False", None
    constants = [function.constant(each) for each in fast.constants]
    return fast.test.format(*constants, x=x, y=y), y if fast.made else None


def value_lines(function: Function, position: Position, x: str, path: str, completer: Completer) -> Iterator[str]:
    """Complete `x`, an item or what a field gave, where it belongs."""
    at = function.constant(position)
    general = f"{x}, w = field(ex, {at}, {x}, {path}, {function.constant(completer.complete)}, w)"
    if completer.direct is None:
        yield general
        return
    lines = [
        "try:",
        f" {x} = {function.constant(completer.execute)}(ex, {x}, {path})",
        f" if {x}.__class__ is coroutine:",
        f"  {x}, w = hold(ex, {at}, {x}, {path}, w)",
        "except Exception as error:",
        f" {x} = fail(ex, {at}, error, {path})",
    ]
    yield f"if {x}.__class__ is {completer.direct}:"
    yield from indented(plain_lines(function, x, completer.leaves, lines) if completer.leaves else lines)
    yield "else:"
    yield f" {general}"


def plain_lines(function: Function, x: str, leaves: Sequence[PlainLeaf], lines: Sequence[str]) -> Iterator[str]:
    """Read an object of nothing but plain leaves; where one is not as expected, `lines` are to find out."""
    tests, shown = [], []
    for number, leaf in enumerate(leaves):
        a, b = f"a{number}", f"b{number}"
        result: str | None = function.constant(leaf.shown)
        if leaf.position is not None:
            yield f"{a} = {x}.get({result})"
            test, made = fast_test(function, leaf.position, a, b)
            nullable = not is_non_null_type(leaf.position.type)
            tests.append(f"({test} or {a} is None)" if nullable else f"({test})")
            result = made or a
            if nullable and made:
                result = f"None if {a} is None else {made}"
        shown.append(f"{function.constant(leaf.key)}: {result}")
    yield f"if {' and '.join(tests) or 'True'}:"
    yield f" {x} = {{{', '.join(shown)}}}"
    yield "else:"
    yield from indented(lines)


def list_lines(function: Function, position: Position, item: Position, completer: Completer | None) -> Iterator[str]:
    """Complete the list `v`, whose items the completer completes if they are not leaves."""
    path = "(path, i, None)"
    if not is_non_null_type(position.type):
        yield "if v is None:"
        yield " return None"
    yield "if v.__class__ is not list and v.__class__ is not tuple:"
    yield f" return whole(ex, {function.constant(position)}, v, path)"
    yield from ("results = []", "w = None", "i = 0", "try:", " for i, x in enumerate(v):")
    if completer is None:
        slow = f"x, w = leaf(ex, {function.constant(item)}, x, {path}, w)"
        yield from indented(indented(leaf_lines(function, item, "x", slow)))
    else:
        yield from indented(indented(value_lines(function, item, "x", path, completer)))
    yield "  results.append(x)"
    yield from ("except Exception:", " abandon(ex, w, v[i + 1 :])", " raise")
    yield "return results if w is None else gather(results, w)"


def object_guard(position: Position, at: str) -> Iterator[str]:
    """Return where `v` is no object."""
    yield "if v.__class__ is not dict:"
    if not is_non_null_type(position.type):
        yield " if v is None:"
        yield "  return None"
    yield " if v is None or is_odd(v):"
    yield f"  return whole(ex, {at}, v, path)"
