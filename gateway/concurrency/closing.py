"""The event that tells every stream and socket of a process to end."""

import asyncio
from collections.abc import Callable


class Closing(asyncio.Event):
    """An event that also calls callbacks: a waiting task for each connection would cost more than the connection."""

    def __init__(self) -> None:
        super().__init__()
        self._callbacks: set[Callable[[], None]] = set()

    def set(self) -> None:
        super().set()
        for callback in list(self._callbacks):
            callback()

    def register(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` when the event is set, or at once if it is already; return a function that unregisters it."""
        if self.is_set():
            callback()
        self._callbacks.add(callback)
        return lambda: self._callbacks.discard(callback)
