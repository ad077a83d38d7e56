"""What compiled code calls where its happy path ends, and to wait.

Each function stands for a part of graphql-core's `Executor` that is named in it, and awaits, cancels and
settles as that part does: so results, errors and the batches of data loaders are the same.
"""

from asyncio import gather as asyncio_gather
from asyncio import get_running_loop
from collections.abc import Awaitable, Callable
from functools import partial
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from graphql import Undefined

from gateway.compiler.infos import resolve_info
from gateway.compiler.positions import Position, TuplePath, as_path

if TYPE_CHECKING:
    from gateway.compiler.executor import CompiledExecutor

Complete = Callable[["CompiledExecutor", Any, TuplePath], Any]
Waiting = list[tuple[str | int, Any]]
Noted = tuple[Any, Waiting | None]

# Classes of completed values, and of those that resolvers return most, none of which can be awaited.
SETTLED = frozenset({dict, list, str, int, float, bool, type(None)})


def fail(executor: "CompiledExecutor", position: Position, error: Exception, path: TuplePath) -> None:
    """Report an error where it may be null, else raise it on, as `handle_field_error`."""
    executor.handle_field_error(error, position.type, position.details, as_path(path))


def whole(executor: "CompiledExecutor", position: Position, value: Any, path: TuplePath) -> Any:
    """Leave a position to `complete_value`."""
    info = resolve_info(executor, position, path)
    return executor.complete_value(position.type, position.details, info, as_path(path), value, None)


def whole_at(position: Position, executor: "CompiledExecutor", value: Any, path: TuplePath) -> Any:
    return whole(executor, position, value, path)


def fields(executor: "CompiledExecutor", selected: tuple[Any, Any], source: Any, path: TuplePath | None) -> Any:
    """Leave the fields of an object to `execute_fields`."""
    type, grouped = selected
    return executor.execute_fields(type, source, as_path(path), grouped, None)


def complete_field(
    executor: "CompiledExecutor", position: Position, value: Any, path: TuplePath, complete: Complete
) -> Any:
    """Complete what a resolver returned, as the end of `execute_field`; or an item, as `complete_list_item_value`."""
    try:
        if value.__class__ is CoroutineType or (value.__class__ not in SETTLED and executor.is_awaitable(value)):
            return later(executor, position, value, path, complete)
        completed = complete(executor, value, path)
        if completed.__class__ not in SETTLED and executor.is_awaitable(completed):
            return guarded(executor, position, completed, path)
    except Exception as error:  # noqa: BLE001 - as in graphql-core
        return fail(executor, position, error, path)
    return completed


async def later(
    executor: "CompiledExecutor", position: Position, value: Awaitable[Any], path: TuplePath, complete: Complete
) -> Any:
    """Complete a value when it is there, as `complete_awaitable_value`."""
    try:
        completed = complete(executor, await value, path)
        if completed.__class__ not in SETTLED and executor.is_awaitable(completed):
            completed = await completed
    except Exception as error:  # noqa: BLE001 - as in graphql-core
        fail(executor, position, error, path)
        return None
    return completed


async def guarded(executor: "CompiledExecutor", position: Position, completed: Awaitable[Any], path: TuplePath) -> Any:
    """Wait for the parts of a value, as `await_completed` in `execute_field`."""
    try:
        return await completed
    except Exception as error:  # noqa: BLE001 - as in graphql-core
        fail(executor, position, error, path)
        return None


async def raised(error: Exception) -> Any:
    """Fail where the result is awaited: where an async resolver fails."""
    raise error


def serialize(executor: "CompiledExecutor", position: Position, value: Any, path: TuplePath) -> Any:
    """Complete the value of a leaf that has no fast way, or is not what that is for."""
    try:
        if value is None or (value.__class__ not in SETTLED and (is_odd(value) or executor.is_awaitable(value))):
            return complete_field(executor, position, value, path, partial(whole_at, position))
        completed = executor.complete_leaf_value(position.leaf, value)
        if completed.__class__ not in SETTLED and executor.is_awaitable(completed):
            return guarded(executor, position, completed, path)
    except Exception as error:  # noqa: BLE001 - as in graphql-core
        return fail(executor, position, error, path)
    return completed


# What compiled code calls returns two: what goes into the object or the list at the end of the path, and what
# is to be awaited there.


def leaf(
    executor: "CompiledExecutor", position: Position, value: Any, path: TuplePath, waiting: Waiting | None
) -> Noted:
    return noted(serialize(executor, position, value, path), path, waiting)


def field(
    executor: "CompiledExecutor",
    position: Position,
    value: Any,
    path: TuplePath,
    complete: Complete,
    waiting: Waiting | None,
) -> Noted:
    return noted(complete_field(executor, position, value, path, complete), path, waiting)


def delegate(
    executor: "CompiledExecutor", position: Position, source: Any, path: TuplePath, waiting: Waiting | None
) -> Noted:
    """Leave a field to `execute_field`, its resolver included."""
    completed = executor.execute_field(position.parent, source, position.details, as_path(path), None)
    return noted(completed, path, waiting)


def hold(
    executor: "CompiledExecutor", position: Position, completed: Any, path: TuplePath, waiting: Waiting | None
) -> Noted:
    return noted(guarded(executor, position, completed, path), path, waiting)


def noted(completed: Any, path: TuplePath, waiting: Waiting | None) -> Noted:
    """Take note of what has to be awaited, which always is a coroutine."""
    if completed.__class__ is not CoroutineType:
        return completed, waiting
    if waiting is None:
        waiting = []
    waiting.append((path[1], completed))
    return completed, waiting


async def gather(results: Any, waiting: Waiting) -> Any:
    """Put what is awaited into an object or a list, as `get_results` and `get_completed_results`."""
    if len(waiting) == 1:
        key, value = waiting[0]
        results[key] = await value
        return results
    loop = get_running_loop()
    tasks = [loop.create_task(value) for _, value in waiting]
    try:
        values = await asyncio_gather(*tasks)
    except Exception:
        for task in tasks:
            task.cancel()
        await asyncio_gather(*tasks, return_exceptions=True)
        raise
    for (key, _), value in zip(waiting, values, strict=True):
        results[key] = value
    return results


def abandon(executor: "CompiledExecutor", waiting: Waiting | None, items: Any = ()) -> None:
    """Settle what nobody will await since a neighbour has failed, as the ends of `execute_fields` and of lists."""
    left = [value for _, value in waiting or ()]
    left += [item for item in items if item.__class__ not in SETTLED and executor.is_awaitable(item)]
    if left:
        executor.settle_in_background(left)


def is_odd(value: Any) -> bool:
    """Whether a value of an object type is none: a failure that was returned, or nothing at all."""
    return isinstance(value, Exception) or value is Undefined
