"""Compiles what completes the values at each position of an operation: `complete(run, value, path, nullable)`."""

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

from graphql import GraphQLNonNull, GraphQLObjectType, get_nullable_type, is_abstract_type, is_list_type
from graphql.execution.executor import invalid_return_type_error

from compiler.positions import Complete, Nullable, Position, TuplePath
from compiler.readers import Reader, Readers
from compiler.runtime import DOCUMENTS, Run, is_odd
from compiler.selection_sets import Execute, SelectionSets


class Completers:
    """The completers of one operation: the same for a fragment wherever it is spread."""

    def __init__(self, readers: Readers) -> None:
        self.selection_sets = SelectionSets(readers, self.lazy)
        self._readers = readers
        self._extents = readers.extents
        self._compiled: dict[Hashable, Complete] = {}

    def lazy(self, position: Position) -> Complete:
        """Return what compiles the completer when there is a value: nobody pays for what is not executed."""
        return when_needed(position, partial(self._completer, position))

    def _completer(self, position: Position) -> Complete:
        key = (position.parent_name, str(position.type), *map(id, position.nodes))
        if key not in self._compiled:
            self._compiled[key] = self._compile(position)
        return self._compiled[key]

    def _compile(self, position: Position) -> Complete:
        type: Any = get_nullable_type(position.type)
        if not self._extents.has_room():
            return whole(position)
        if self._extents.fits(self._extents.of(type, position.details)):
            return self._pure(position)
        if is_list_type(type):
            item = position.of(type.of_type)
            item.complete = self._completer(item)
            return listed(position, item)
        if is_abstract_type(type):
            return abstract(position, type, lambda member: self._object(position.of(GraphQLNonNull(member)), member))
        return self._object(position, type)

    def _object(self, position: Position, type: GraphQLObjectType) -> Complete:
        extents = self._extents
        selected = extents.collector.selected(type, position.details) if extents.has_room() else None
        if selected is None:
            return whole(position)
        extents.add(len(selected.fields))
        return composed(position, type, extents.knowledge.mark(type), self.selection_sets.compile(type, selected))

    def _pure(self, position: Position, *, full: bool = True) -> Complete:
        """Complete values in one function, in which nothing is called that could have an effect.

        Documents are taken to be full, until one comes that lacks a key.
        """
        function = self._readers.function()
        at = function.constant(position)
        with function.block("try:"):
            function.write("x = value")
            Reader(self._readers, function, full=full).value(position.type, position.details, "x")
            function.write("return x")
        if full:
            careful = when_needed(position, partial(self._pure, position, full=False))
            function.write(f"except KeyError: return {function.constant(careful)}(run, value, path, above)")
        function.write("except Exception: pass", f"return run.whole({at}, value, path)")
        return function.made("run, value, path, above")


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
            info = run.infos.lazy_resolve_info(position, path)
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
        info = run.infos.lazy_resolve_info(position, path)
        return named(run, resolve(value, info, type), value, path, above)

    def named(run: Run, name: Any, value: Any, path: TuplePath, above: Nullable | None) -> Any:
        complete_member = known.get(name) if name.__class__ is str else None
        if complete_member is None:
            if run.is_awaitable(name):
                return named_later(run, name, value, path, above)
            info = run.infos.lazy_resolve_info(position, path)
            found = run.executor.ensure_valid_runtime_type(name, type, position.details, info, value)
            complete_member = known.setdefault(found.name, member(found))
        return complete_member(run, value, path, above)

    async def named_later(run: Run, name: Any, value: Any, path: TuplePath, above: Nullable | None) -> Any:
        completed = named(run, await name, value, path, above)
        return await completed if run.is_awaitable(completed) else completed

    return complete
