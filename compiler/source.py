"""Python that is written and run: its text holds nothing but what this package writes, its values are passed in.

So two functions of the same shape have the same text, whatever a client called their fields, and most are
compiled already when they come again. Texts that are looked up for each object, keys above all, are literals: in the
place of each its number is compiled, as bytes, of which this package writes none, and then replaced by the text itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from compiler.arguments import arguments
from compiler.leaves import OddValueError
from compiler.runtime import raised

KEPT_TEXTS = 1_024
PROVIDED: dict[str, Any] = {"OddValueError": OddValueError, "arguments": arguments, "raised": raised}


class Function:
    """A function that is being written, line by line."""

    def __init__(self) -> None:
        self._constants: list[Any] = []
        self._literals: list[str | None] = []
        self._lines: list[str] = []
        self._indent = "  "
        self._names = 0

    def constant(self, value: Any) -> str:
        """Return the name that a value has in the function."""
        self._constants.append(value)
        return f"c{len(self._constants) - 1}"

    def literal(self, text: str | None) -> str:
        """Return what stands for a text in the function."""
        self._literals.append(text)
        return f"b'{len(self._literals) - 1}'"

    def variable(self) -> str:
        """Return a name that is not taken."""
        self._names += 1
        return f"v{self._names}"

    def write(self, *lines: str) -> None:
        self._lines += [self._indent + line for line in lines]

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """Indent what is written within."""
        self.write(header)
        self._indent += " "
        yield
        self._indent = self._indent[:-1]

    def made(self, parameters: str) -> Callable[..., Any]:
        """Return the function."""
        names = ", ".join(f"c{number}" for number in range(len(self._constants)))
        body = "\n".join(self._lines)
        make = compiled(f"def make({names}):\n def made({parameters}):\n{body}\n return made")
        function: Any = make(*self._constants)
        code = function.__code__
        function.__code__ = code.replace(co_consts=tuple(map(self._filled, code.co_consts)))
        made: Callable[..., Any] = function
        return made

    def _filled(self, constant: Any) -> Any:
        """Return a constant of the compiled function: a text for its number, and so in the keys of a dict."""
        if isinstance(constant, bytes):
            return self._literals[int(constant)]
        return tuple(map(self._filled, constant)) if isinstance(constant, tuple) else constant


@lru_cache(KEPT_TEXTS)
def compiled(text: str) -> Callable[..., Any]:
    """Return the function that binds the constants of another one."""
    names = dict(PROVIDED)
    exec(compile(text, "<compiled operation>", "exec"), names)  # noqa: S102 - no text of it is from outside
    make: Callable[..., Any] = names["make"]
    return make
