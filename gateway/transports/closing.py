"""The moment at which a process is told to stop, for the many that have to hear of it."""

import asyncio
from collections.abc import Callable


class Closing(asyncio.Event):
    """An event that also calls those who registered: a task that waits would cost each connection more than it."""

    def __init__(self) -> None:
        super().__init__()
        self._callbacks: set[Callable[[], None]] = set()

    def set(self) -> None:
        super().set()
        for callback in list(self._callbacks):
            callback()

    def register(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` when the event is set, at once if it is; return what takes that back."""
        if self.is_set():
            callback()
        self._callbacks.add(callback)
        return lambda: self._callbacks.discard(callback)
