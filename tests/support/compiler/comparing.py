"""What two executions of an operation may differ in: which of the failures that race for a null is told, and no more.

Where two fields fail beneath the same nullable one, the specification leaves open whose error is told, and whether
what is beside them is still executed.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pytest
from graphql import is_non_null_type
from graphql.execution import Executor
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

# Of modules that compare executions: graphql-core leaves coroutines behind when what awaits them is cancelled, or when
# the neighbour of what awaits them has failed.
LEFT_BEHIND = [
    pytest.mark.usefixtures("no_garbage"),
    pytest.mark.filterwarnings(
        "ignore:coroutine:RuntimeWarning", "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"
    ),
]
Place = tuple[str | int, ...]
Nullable = dict[Place, bool]
Error = dict[str, Any]  # as in a response


class Answer(NamedTuple):
    data: Any
    errors: Sequence[Error]


def revealing(nullable: Nullable) -> type[Executor[Any]]:
    """Return graphql-core's executor, in which no failure hides another one, and which notes what may be null."""

    class Revealing(StrawberryGraphQLCoreExecutionContext):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.error_propagation = False

        def complete_value(self, type: Any, details: Any, info: Any, path: Any, *others: Any) -> Any:
            nullable.setdefault(tuple(path.as_list()), not is_non_null_type(type))
            return super().complete_value(type, details, info, path, *others)

        def handle_field_error(self, error: Exception, type: Any, details: Any, path: Any) -> None:
            nullable.setdefault(tuple(path.as_list()), not is_non_null_type(type))
            super().handle_field_error(error, type, details, path)

    return Revealing


def is_same(expected: Answer, got: Answer) -> bool:
    """Return whether both tell the same errors; their data must be the same in any case, but for when it was read."""
    assert unclocked(got.data) == unclocked(expected.data)
    return written(got.errors) == written(expected.errors)


def unclocked(data: Any) -> str:
    """Return data as text without moments of more than milliseconds, which nothing that is stored has."""
    return re.sub(r"'[\d-]+T[\d:]+\.\d{3}(?!000)\d{3}\+00:00'", "now", repr(data))


def written(errors: Iterable[Error]) -> Counter[str]:
    return Counter(repr(sorted(error.items())) for error in errors)


def check_race(expected: Answer, got: Answer, revealed: Answer, nullable: Nullable) -> bool:
    """Check errors that differ: each really happens, and on both sides each null has one cause, at the same places.

    Return whether another cause is told; else they only differ in what has failed beneath a null before it was one.
    """
    differing = (written(got.errors) - written(expected.errors)) + (written(expected.errors) - written(got.errors))
    assert not differing - written(revealed.errors), "an error that nothing caused, or one that is told twice"
    before, after = causes(expected, nullable), causes(got, nullable)
    assert before.keys() == after.keys()
    return before != after


def causes(answer: Answer, nullable: Nullable) -> dict[Place, str]:
    """Return the error behind each null that errors have caused, but for those that lie beneath another one."""
    placed = [(cause(tuple(error["path"]), nullable), error) for error in answer.errors if "path" in error]
    told = {place: repr(error) for place, error in placed}
    assert len(told) == len(placed), "two errors for one null"
    seen = hidden([answer])
    assert seen <= told.keys(), "a null without its error"
    return {place: told[place] for place in seen}


def cause(path: Place, nullable: Nullable) -> Place:
    """Return the place that becomes null when the field at a path fails."""
    while path and not nullable[path]:
        path = path[:-1]
    return path


def hidden(answers: Iterable[Answer]) -> set[Place]:
    """Return the places that are null since something has failed there or beneath."""
    return {null_of(answer.data, error["path"]) for answer in answers for error in answer.errors if error.get("path")}


def null_of(data: Any, path: Sequence[str | int]) -> Place:
    for depth, key in enumerate(path):
        if data is None:
            return tuple(path[:depth])
        data = data[key]
    assert data is None, "an error where there is a value"
    return tuple(path)


def check_calls(expected: Iterable[Place], got: Iterable[Place], answers: Iterable[Answer]) -> None:
    """Check that the same resolvers were called, but for what is beneath a null that a failure caused."""
    before, after = Counter(expected), Counter(got)
    if before != after:
        places = hidden(answers)
        for call in (before - after) + (after - before):
            assert any(call[:depth] in places for depth in range(len(call))), f"the calls of {call} differ"
