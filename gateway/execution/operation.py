"""What a client asks to be run, and what came of it, encoded at most once however often it is sent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Operation:
    """A request's parameters, whose types the transport has checked."""

    query: str
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None


@dataclass(slots=True)
class Result:
    """One response, ready for orjson, which writes timestamps. Where nothing was executed, `body` has no `data`."""

    body: dict[str, Any]
    executed: bool
    _encoded: bytes | None = field(default=None, repr=False, compare=False)

    @property
    def encoded(self) -> bytes:
        """The response as JSON, which is encoded once, however often it is sent."""
        if self._encoded is None:
            self._encoded = orjson.dumps(self.body, option=orjson.OPT_NAIVE_UTC)
        return self._encoded

    @property
    def text(self) -> str:
        """The same as text."""
        return self.encoded.decode()


# Sends results at once and returns True, or returns False when the client has to be waited for.
Outlet = Callable[[Sequence[Result]], bool]
