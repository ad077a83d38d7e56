"""One execution of a plan: what compiled code calls where its happy path ends, and what it leaves to be awaited.

Objects and lists are there before what belongs into them: so what is awaited is put in its place when it comes, and
nothing is built twice. Where something goes wrong, graphql-core's `Executor` is asked, so that errors are its own.
"""

from collections.abc import Awaitable, Callable, Sequence
from types import CoroutineType
from typing import Any, NamedTuple

from graphql import Undefined
from graphql.execution import Executor

from compiler.infos import Infos
from compiler.positions import Nullable, Position, TuplePath, as_path

# Classes of completed values, and of those that resolvers return most, none of which can be awaited.
SETTLED = frozenset({dict, list, tuple, str, int, float, bool, type(None)})
DOCUMENTS = frozenset({dict, tuple})


# A parent of a batched field, the object that its value goes into, the path of that, and the nearest place around
# it that may be null; None for the root.
Row = tuple[Any, Any, TuplePath, Nullable | None]


class Pending(NamedTuple):
    """Something to await, and where its value goes. `complete` says that it gives a result, not one to complete."""

    awaitable: Awaitable[Any]
    position: Position
    container: Any
    key: str | int
    path: TuplePath
    above: Nullable | None
    complete: bool = False


class Run:
    """What there is for one execution."""

    __slots__ = ("arguments", "batches", "dead", "executor", "infos", "is_awaitable", "pending")

    def __init__(self, executor: Executor[Any]) -> None:
        self.executor = executor
        self.infos = Infos(executor)
        self.is_awaitable: Callable[[Any], bool] = executor.is_awaitable
        self.arguments: dict[Position, dict[str, Any]] = {}
        self.pending: list[Pending] = []
        self.batches: dict[Position, list[Row]] = {}
        self.dead: list[Nullable] = []  # places that an error has made null: what is beneath them is forgotten

    def put(self, position: Position, value: Any, container: Any, key: str | int, path: TuplePath, above: Any) -> None:
        """Put what a resolver returned, or an item of a list, in its place; at once or when it is there."""
        if value.__class__ is CoroutineType or (value.__class__ not in SETTLED and self.is_awaitable(value)):
            self.pending.append(Pending(value, position, container, key, path, above))
        else:
            self.complete(position, value, container, key, path, above)

    def complete(
        self, position: Position, value: Any, container: Any, key: str | int, path: TuplePath, above: Any
    ) -> None:
        """Put a value that is there in its place; an error that does not end here is raised."""
        here = above
        if position.nullable:
            if value is None:
                container[key] = None
                return
            here = (container, key, path, above)
        try:
            completed = position.complete(self, value, path, here)
            if completed.__class__ not in SETTLED and self.is_awaitable(completed):
                self.pending.append(Pending(completed, position, container, key, path, above, complete=True))
                return
        except Exception as error:  # noqa: BLE001 - as in graphql-core
            self.fail(position, error, path)
            completed = None
            if self.pending or self.batches:
                self.abandon(self.forget(here))
        container[key] = completed

    def fail(self, position: Position, error: Exception, path: TuplePath) -> None:
        """Report an error where it may be null, else raise it on."""
        self.executor.handle_field_error(error, position.type, position.details, as_path(path))

    def refuse(self, position: Position, error: Exception, container: Any, key: str | int, path: TuplePath) -> None:
        """Put null in the place of what a resolver could not return."""
        self.fail(position, error, path)
        container[key] = None

    def delegate(
        self, position: Position, source: Any, container: Any, key: str | int, path: TuplePath, above: Any
    ) -> None:
        """Leave a field to graphql-core, its resolver included."""
        completed: Any = self.executor.execute_field(position.parent, source, position.details, as_path(path), None)
        if completed.__class__ not in SETTLED and self.is_awaitable(completed):
            self.pending.append(Pending(completed, position, container, key, path, above, complete=True))
        else:
            container[key] = completed

    def batch(self, position: Position, source: Any, container: Any, path: TuplePath, above: Any) -> None:
        """Take note of one more parent of a batched field."""
        rows = self.batches.get(position)
        if rows is None:
            rows = self.batches[position] = []
        rows.append((source, container, path, above))

    def whole(self, position: Position, value: Any, path: TuplePath) -> Any:
        """Leave the completion of a value to graphql-core."""
        info = self.infos.resolve_info(position, path)
        return self.executor.complete_value(position.type, position.details, info, as_path(path), value, None)

    def fields(self, selected: tuple[Any, Any], source: Any, path: TuplePath | None) -> Any:
        """Leave the fields of an object to graphql-core."""
        type, grouped = selected
        return self.executor.execute_fields(type, source, as_path(path), grouped, None)

    def forget(self, place: Nullable | None) -> list[Any]:
        """Give up what was to come beneath a place that has failed; return what nobody awaits any more."""
        if place is not None:
            self.dead.append(place)
        left = [pending.awaitable for pending in self.pending if is_under(pending.above, place)]
        self.pending = [pending for pending in self.pending if not is_under(pending.above, place)]
        return left

    def abandon(self, awaitables: Sequence[Any]) -> None:
        """Let what an error has left behind settle in the background, as graphql-core does."""
        left = [each for each in awaitables if each.__class__ not in SETTLED and self.is_awaitable(each)]
        if left:
            self.executor.settle_in_background(left)

    def is_dead(self, above: Nullable | None) -> bool:
        """Return whether nobody will see what belongs beneath this place."""
        return bool(self.dead) and any(is_under(above, dead) for dead in self.dead)


def is_under(above: Nullable | None, around: Nullable | None) -> bool:
    """Return whether a place is a nullable one or beneath it; all are beneath the root, which is None."""
    while above is not None and above is not around:
        above = above[3]
    return above is around


async def raised(error: Exception) -> Any:
    """Fail where the result is awaited: where an async resolver fails."""
    raise error


def is_odd(value: Any) -> bool:
    """Whether a value of an object type is none: a failure that was returned, or nothing at all."""
    return isinstance(value, Exception) or value is Undefined
