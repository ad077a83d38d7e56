"""Fields that a batch resolves for all parents at once and a resolver for one, both with the same values and errors.

A batch is `load(info, parents, **arguments)`: a sequence with a value for each parent, or an awaitable of one. A value
that is an exception fails its parent's field, and what the batch raises fails that of each.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import strawberry

from compiler import batch
from tests.support.compiler.random_data import behave, wait
from tests.support.compiler.values import Soon

FAILING = "raise", "fail soon"
Value = Callable[..., Any]  # of the parent, the info, of which only the context is the same in a batch, and arguments


def in_batches(value: Value) -> Any:
    """Return a field with the value unless it, or the whole batch, is in another mood."""
    name = value.__name__

    @wraps(value)
    def resolve(self: Any, info: strawberry.Info, **given: Any) -> Any:
        check(info, name)
        return one(self, info, value, given)

    def load(info: Any, parents: Sequence[Any], **given: Any) -> Sequence[Any]:
        note(info, name, parents)
        check(info, name)
        return [attempt(parent, info, value, given) for parent in parents]

    return strawberry.field(resolver=resolve, metadata=batch(load))


def in_batches_later(value: Value) -> Any:
    """Return a field that does the same after a while."""
    name = value.__name__

    @wraps(value)
    async def resolve(self: Any, info: strawberry.Info, **given: Any) -> Any:
        await wait(info.context.moods[name])
        check(info, name)
        return one(self, info, value, given)

    async def load(info: Any, parents: Sequence[Any], **given: Any) -> Sequence[Any]:
        note(info, name, parents)
        await wait(info.context.moods[name])
        check(info, name)
        return tuple(attempt(parent, info, value, given) for parent in parents)

    return strawberry.field(resolver=resolve, metadata=batch(load))


def note(info: Any, name: str, parents: Sequence[Any]) -> None:
    info.context.lifted.append((name, len(parents)))


def check(info: Any, name: str) -> None:
    """Fail where the batch fails as a whole."""
    kind, _ = info.context.moods[name]
    if kind in FAILING:
        raise ValueError(f"all of {name} {kind}")


def one(parent: Any, info: Any, value: Value, given: dict[str, Any]) -> Any:
    """Return the value for one parent, or raise what fails only its field; neither is to be awaited."""
    found = behave(parent, value.__name__, value(parent, info, **given))
    if not isinstance(found, Soon):
        return found
    if isinstance(found.value, Exception):
        raise found.value
    return found.value


def attempt(parent: Any, info: Any, value: Value, given: dict[str, Any]) -> Any:
    try:
        return one(parent, info, value, given)
    except Exception as error:  # noqa: BLE001 - it is the parent's value
        return error
