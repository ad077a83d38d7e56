"""Checks of which type an object is, where the schema has a say in it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType
from graphql.execution.executor import invalid_return_type_error

from gateway.compiler.infos import LazyResolveInfo
from gateway.compiler.positions import Position, TuplePath

if TYPE_CHECKING:
    from gateway.compiler.executor import CompiledExecutor

Execute = Callable[["CompiledExecutor", Any, TuplePath], Any]


def checked(
    executor: "CompiledExecutor",
    position: Position,
    type: GraphQLObjectType,
    answer: Any,
    value: Any,
    path: TuplePath,
    execute: Execute,
) -> Any:
    """Go on with an object whose `is_type_of` did not plainly say True, as `complete_object_value`."""
    if executor.is_awaitable(answer):
        return checked_later(executor, position, type, answer, value, path, execute)
    if not answer:
        raise invalid_return_type_error(type, value, position.details)
    return execute(executor, value, path)


async def checked_later(
    executor: "CompiledExecutor",
    position: Position,
    type: GraphQLObjectType,
    answer: Any,
    value: Any,
    path: TuplePath,
    execute: Execute,
) -> Any:
    if not await answer:
        raise invalid_return_type_error(type, value, position.details)
    completed = execute(executor, value, path)
    return await completed if executor.is_awaitable(completed) else completed


class Members:
    """The object types that an abstract one turned out to be, each compiled when it is first met."""

    def __init__(self, position: Position, type: Any, compile: Callable[[GraphQLObjectType], Execute]) -> None:
        self._position = position
        self._type = type
        self._compile = compile
        self.known: dict[str, Execute] = {}

    def complete(self, executor: "CompiledExecutor", name: Any, value: Any, path: TuplePath) -> Any:
        """Go on with the type of this name, which is new or none, as `complete_abstract_value`."""
        if executor.is_awaitable(name):
            return self._complete_later(executor, name, value, path)
        info: Any = LazyResolveInfo(executor, self._position, path)
        type = executor.ensure_valid_runtime_type(name, self._type, self._position.details, info, value)
        execute = self.known.get(type.name)
        if execute is None:
            execute = self.known[type.name] = self._compile(type)
        return execute(executor, value, path)

    async def _complete_later(self, executor: "CompiledExecutor", name: Any, value: Any, path: TuplePath) -> Any:
        completed = self.complete(executor, await name, value, path)
        return await completed if executor.is_awaitable(completed) else completed
