"""Python that is written and run: its text holds nothing but what this package writes, its values are passed in.

So two functions of the same shape have the same text, whatever a client called their fields, and share what is
compiled of it. Texts that are looked up for each object, keys above all, are literals: in the place of each its number
is compiled, as bytes, of which this package writes none, and then replaced by the text itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakValueDictionary

Maker = Callable[..., Callable[..., Any]]  # binds the constants of a function
MAKERS: WeakValueDictionary[str, Maker] = WeakValueDictionary()


class Function:
    """A function that is being written, line by line. Once it is made, `makers` have what it was compiled to.

    Whoever keeps the function keeps them as well, so that others share it for as long.
    """

    def __init__(self, makers: set[Maker]) -> None:
        self._makers = makers
        self._constants: list[Any] = []
        self._constant_names: dict[int, str] = {}
        self._literals: list[str | None] = []
        self._lines: list[str] = []
        self._indent = "  "
        self._variables = 0

    def constant(self, value: Any) -> str:
        """Return the name that a value has in the function."""
        name = self._constant_names.get(id(value))
        if name is None:
            name = self._constant_names[id(value)] = f"c{len(self._constants)}"
            self._constants.append(value)
        return name

    def literal(self, text: str | None) -> str:
        """Return what stands for a text in the function."""
        self._literals.append(text)
        return f"b'{len(self._literals) - 1}'"

    def variable(self) -> str:
        """Return a name that is not taken."""
        self._variables += 1
        return f"v{self._variables}"

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
        names = ", ".join(self._constant_names.values())
        body = "\n".join(self._lines)
        make = compiled(f"def make({names}):\n def made({parameters}):\n{body}\n return made")
        self._makers.add(make)
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


def compiled(text: str) -> Maker:
    """Return the function that binds the constants of another one."""
    make = MAKERS.get(text)
    if make is None:
        names: dict[str, Any] = {}
        exec(compile(text, "<compiled operation>", "exec"), names)  # noqa: S102 - no text of it is from outside
        make = MAKERS[text] = names.pop("make")
    return make
