"""Feeds: each reads on in one journal, once for all who follow it, when a hint or a sweep says so."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from storage.past.tail import PAGE, Entry, entries_after, entries_since, looked_back
from storage.profiles import ProfileDoc, profiles_by_id
from storage.store.errors import UnavailableError
from storage.store.workspace import Workspace

T = TypeVar("T")
NewsT = TypeVar("NewsT")
RETRY_SECONDS = 0.25


async def patiently(read: Callable[[], Awaitable[T]]) -> T:
    """Return what `read` returns, as soon as the store answers: followers wait for it and miss nothing."""
    while True:
        try:
            return await read()
        except UnavailableError:
            await asyncio.sleep(RETRY_SECONDS)


class Feed(ABC, Generic[NewsT]):
    """A journal as far as it has been read; followers are called, without waiting, with what is new in it."""

    def __init__(self, workspace: Workspace, reading: asyncio.Semaphore) -> None:
        self.workspace = workspace
        self.followers: set[Callable[[Sequence[NewsT]], None]] = set()
        self._reading = reading
        self._behind = False
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    async def _read(self) -> tuple[Sequence[NewsT], bool]:
        """Read on; return what is new, and whether there may be more already."""

    def follow(self, follower: Callable[[Sequence[NewsT]], None]) -> Callable[[], None]:
        """Call `follower` with what is new until the function that this returns is called."""
        self.followers.add(follower)
        return lambda: self.followers.discard(follower)

    def wake(self) -> None:
        """Read on soon: there may be something new."""
        self._behind = True
        if self._task is None:
            self._task = asyncio.create_task(self._read_on())

    async def catch_up(self) -> None:
        """Read on now, and return when that is done."""
        self.wake()
        if self._task is not None:
            await asyncio.wait([self._task])

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _read_on(self) -> None:
        try:
            while self._behind:
                self._behind = False
                news, more = await patiently(self._read_in_turn)
                self._behind |= more
                if news:
                    for follower in list(self.followers):
                        follower(news)
        finally:
            self._task = None

    async def _read_in_turn(self) -> tuple[Sequence[NewsT], bool]:
        async with self._reading:
            return await self._read()


class ProfileFeed(Feed[Entry]):
    """The journal of one profile: each entry once, in the order of `seq`. `position` is the `seq` it was read to.

    It also keeps the profile itself, read once for all who need it as of the same entry.
    """

    def __init__(self, workspace: Workspace, reading: asyncio.Semaphore, profile: bytes, position: int) -> None:
        super().__init__(workspace, reading)
        self.profile = profile
        self.position = position
        self._snapshot: ProfileDoc | None = None
        self._snapping = asyncio.Lock()

    async def snapshot(self, seq: int) -> ProfileDoc:
        """Return the profile as it is at `seq` or later."""
        async with self._snapping:
            if self._snapshot is not None and self._snapshot["seq"] >= seq:
                return self._snapshot
            newer = await patiently(self._read_profile)
            self._snapshot = newer
            return newer

    async def _read_profile(self) -> ProfileDoc:
        (found,) = await profiles_by_id(self.workspace, [self.profile])
        return found

    def hinted(self, seq: int) -> None:
        if seq > self.position:
            self.wake()

    async def _read(self) -> tuple[Sequence[Entry], bool]:
        entries = await entries_after(self.workspace, self.profile, self.position)
        if entries:
            self.position = entries[-1]["seq"]
        return entries, len(entries) == PAGE


class WorkspaceFeed(Feed[Entry]):
    """The journal of a workspace in the order of writing, each entry at least once.

    Transactions commit in another order than they began. So a sweep looks back some seconds and leaves out what the
    feed has delivered of them; a hint reads on from `position`, which is cheap.
    """

    def __init__(self, workspace: Workspace, reading: asyncio.Semaphore, position: bytes) -> None:
        super().__init__(workspace, reading)
        self.position = position
        self._delivered: dict[bytes, bytes] = {}  # arrivals by id, of those that a sweep meets again
        self._sweeping = False

    def sweep(self) -> None:
        self._sweeping = True
        self.wake()

    async def _read(self) -> tuple[Sequence[Entry], bool]:
        start, back = self.position, looked_back(self.position)
        if self._sweeping:
            self._sweeping, start = False, back
        self._delivered = {id: arrival for id, arrival in self._delivered.items() if arrival > back}
        found: list[Entry] = []
        while page := await entries_since(self.workspace, start):
            found += [entry for entry in page if entry["_id"] not in self._delivered]
            start = page[-1]["arrival"]
        self._delivered.update({entry["_id"]: entry["arrival"] for entry in found})
        self.position = max([self.position, *(entry["arrival"] for entry in found)])
        return found, False
