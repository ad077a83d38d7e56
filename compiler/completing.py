"""What completes the values at a position: `complete(run, value, path, nullable)`."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType
from graphql.execution.executor import invalid_return_type_error

from compiler.infos import LazyResolveInfo
from compiler.positions import Nullable, Position, TuplePath
from compiler.pure import Reading
from compiler.runtime import DOCUMENTS, Run, is_odd
from compiler.selections import Execute
from compiler.source import Function

if TYPE_CHECKING:
    from compiler.operations import Compiler

Complete = Callable[[Run, Any, TuplePath, Nullable | None], Any]


def whole(position: Position) -> Complete:
    """Leave the values to graphql-core."""

    def complete(run: Run, value: Any, path: TuplePath, _: Nullable | None) -> Any:
        return run.whole(position, value, path)

    return complete


def when_needed(position: Position, make: Callable[[], Complete]) -> Complete:
    """Complete the first value at a position by what `make` compiles then."""

    def complete(run: Run, value: Any, path: TuplePath, above: Nullable | None) -> Any:
        try:
            position.complete = make()
        except RecursionError:  # nested so deeply that graphql-core has to refuse it
            position.complete = whole(position)
        return position.complete(run, value, path, above)

    return complete


def pure(compiler: "Compiler", position: Position, *, full: bool = True) -> Complete:
    """Complete values in one function, in which nothing is called that could have an effect.

    Documents are taken to be full, until one comes that lacks a key.
    """
    function = Function()
    at = function.constant(position)
    with function.block("try:"):
        function.write("x = value")
        Reading(compiler, function, full=full).value(position.type, position.details, "x")
        function.write("return x")
    if full:
        careful = when_needed(position, partial(pure, compiler, position, full=False))
        function.write(f"except KeyError: return {function.constant(careful)}(run, value, path, above)")
    function.write("except Exception: pass", f"return run.whole({at}, value, path)")
    return function.made("run, value, path, above")


def listed(position: Position, item: Position) -> Complete:
    """Complete lists, whose items are at `item`."""

    def complete(run: Run, value: Any, path: TuplePath, above: Nullable | None) -> Any:
        if value.__class__ is not list and value.__class__ is not tuple:
            return run.whole(position, value, path)
        results = [None] * len(value)
        index = 0
        try:
            for index, each in enumerate(value):
                run.put(item, each, results, index, (path, index, None), above)
        except Exception:
            run.abandon(value[index + 1 :])
            raise
        return results

    return complete


def composed(position: Position, type: GraphQLObjectType, mark: str | None, execute: Execute) -> Complete:
    """Complete objects of a type, once they say that they are of it."""
    test = type.is_type_of
    name = type.name

    def complete(run: Run, value: Any, path: TuplePath, above: Nullable | None) -> Any:
        if value is None or (value.__class__ not in DOCUMENTS and is_odd(value)):
            return run.whole(position, value, path)
        if test is not None and (mark is None or value.__class__ is not dict or value.get(mark, name) != name):
            info: Any = LazyResolveInfo(run, position, path)
            answer: Any = test(value, info)
            if answer is not True:
                return checked(run, answer, value, path, above)
        return execute(run, value, path, above)

    def checked(run: Run, answer: Any, value: Any, path: TuplePath, above: Nullable | None) -> Any:
        if run.is_awaitable(answer):
            return checked_later(run, answer, value, path, above)
        if not answer:
            raise invalid_return_type_error(type, value, position.details)
        return execute(run, value, path, above)

    async def checked_later(run: Run, answer: Any, value: Any, path: TuplePath, above: Nullable | None) -> Any:
        if not await answer:
            raise invalid_return_type_error(type, value, position.details)
        completed = execute(run, value, path, above)
        return await completed if run.is_awaitable(completed) else completed

    return complete


def abstract(position: Position, type: Any, member: Callable[[GraphQLObjectType], Complete]) -> Complete:
    """Complete objects of an abstract type, by the type that each turns out to be, compiled when it is first met."""
    known: dict[str, Complete] = {}

    def complete(run: Run, value: Any, path: TuplePath, above: Nullable | None) -> Any:
        if value is None or (value.__class__ not in DOCUMENTS and is_odd(value)):
            return run.whole(position, value, path)
        resolve = type.resolve_type or run.executor.type_resolver
        info: Any = LazyResolveInfo(run, position, path)
        return named(run, resolve(value, info, type), value, path, above)

    def named(run: Run, name: Any, value: Any, path: TuplePath, above: Nullable | None) -> Any:
        complete_member = known.get(name) if name.__class__ is str else None
        if complete_member is None:
            if run.is_awaitable(name):
                return named_later(run, name, value, path, above)
            info: Any = LazyResolveInfo(run, position, path)
            found = run.executor.ensure_valid_runtime_type(name, type, position.details, info, value)
            complete_member = known.setdefault(found.name, member(found))
        return complete_member(run, value, path, above)

    async def named_later(run: Run, name: Any, value: Any, path: TuplePath, above: Nullable | None) -> Any:
        completed = named(run, await name, value, path, above)
        return await completed if run.is_awaitable(completed) else completed

    return complete
