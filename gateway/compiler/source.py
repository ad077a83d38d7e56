"""Python that is written and run: its text holds nothing but what this package writes, its values are passed in.

So two functions of the same shape have the same text, whatever a client called their fields, and most are
compiled already when they come again.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from types import CoroutineType
from typing import Any

from gateway.compiler.arguments import arguments
from gateway.compiler.infos import LazyResolveInfo
from gateway.compiler.kinds import checked
from gateway.compiler.runtime import abandon, delegate, fail, field, fields, gather, hold, is_odd, leaf, raised, whole

KEPT_TEXTS = 1_024
RUNTIME: tuple[Any, ...] = (
    *(abandon, delegate, fail, field, fields, gather, hold, is_odd, leaf, raised, whole),
    *(arguments, checked, CoroutineType, LazyResolveInfo),
)
PROVIDED: dict[str, Any] = {each.__name__: each for each in RUNTIME}


class Function:
    """A function that is being written."""

    def __init__(self) -> None:
        self._constants: list[Any] = []

    def constant(self, value: Any) -> str:
        """Return the name that a value has in the function."""
        self._constants.append(value)
        return f"c{len(self._constants) - 1}"

    def made(self, parameters: str, lines: Iterable[str]) -> Callable[..., Any]:
        """Return the function with these lines."""
        body = "\n".join(f"  {line}" for line in lines)
        names = ", ".join(f"c{number}" for number in range(len(self._constants)))
        made: Callable[..., Any] = compiled(f"def make({names}):\n def run({parameters}):\n{body}\n return run")(
            *self._constants
        )
        return made


@lru_cache(KEPT_TEXTS)
def compiled(text: str) -> Callable[..., Any]:
    """Return the function that binds the constants of another one."""
    names = dict(PROVIDED)
    exec(compile(text, "<compiled operation>", "exec"), names)  # noqa: S102 - no text of it is from outside
    make: Callable[..., Any] = names["make"]
    return make


def indented(lines: Iterable[str]) -> Iterator[str]:
    return (f" {line}" for line in lines)


class Lazy:
    """A function of the unhappy path, which is written when it is first called."""

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], Callable[..., Any]]) -> None:
        self._make = make
        self._made: Callable[..., Any] | None = None

    def __call__(self, executor: Any, value: Any, path: Any) -> Any:
        if self._made is None:
            self._made = self._make()
        return self._made(executor, value, path)
