"""What several subscribers use together: made for the first of them, and stopped after the last."""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar


class Stoppable(Protocol):
    async def stop(self) -> None: ...


UsedT = TypeVar("UsedT", bound=Stoppable)


class Shared:
    """Things in use by their keys, each with the number of its users. `turns` bounds how many work at a time."""

    def __init__(self, turns: asyncio.Semaphore) -> None:
        self.turns = turns
        self._used: dict[Hashable, Any] = {}
        self._users: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return len(self._used)

    @asynccontextmanager
    async def use(self, key: Hashable, make: Callable[[], UsedT]) -> AsyncIterator[UsedT]:
        """Give what has a key, or else is made."""
        used: UsedT = self._used[key] if key in self._used else self._used.setdefault(key, make())
        self._users[key] = self._users.get(key, 0) + 1
        try:
            yield used
        finally:
            self._users[key] -= 1
            if not self._users[key]:
                del self._users[key], self._used[key]
                await used.stop()
