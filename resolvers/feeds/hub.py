"""The hub: one in a process, which follows what somebody in that process watches, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar

from loaders.analytics import analytics_of
from resolvers.feeds.definitions import DefinitionsFeed, states_of
from resolvers.feeds.feed import Feed, ProfileFeed, WorkspaceFeed
from resolvers.feeds.jobs import JobFeeds
from resolvers.feeds.shared import Shared
from storage.past.tail import seq_of, seqs_of
from storage.store.bus import Bus
from storage.store.errors import UnavailableError
from storage.store.hints import HOME, Hints, definitions_channel, profile_channel, workspace_channel
from storage.store.ids import floor_id
from storage.store.mongo import Database
from storage.store.workspace import Workspace

READERS = 8
FeedT = TypeVar("FeedT", bound=Feed[Any])


class Hub:
    """Feeds by what they follow, each with the number of its users.

    A hint from Redis says at once where something is new; a sweep looks every `sweep_seconds`, so that what a lost
    hint was about comes late rather than never.
    """

    def __init__(self, database: Database, bus: Bus, *, sweep_seconds: float) -> None:
        self._database = database
        self._sweep_seconds = sweep_seconds
        self._hints = Hints(bus, self._hinted, self._missed)
        self.shared = Shared(asyncio.Semaphore(READERS))
        self.jobs = JobFeeds(database, heard=self._hints.follow, unheard=self._hints.leave)
        self._reading = asyncio.Semaphore(READERS)
        self._gap = asyncio.Event()
        self._profiles: dict[str, ProfileFeed] = {}
        self._workspaces: dict[str, WorkspaceFeed] = {}
        self._definitions: dict[str, DefinitionsFeed] = {}
        self._users: dict[str, int] = {}
        self._unheard: set[str] = set()

    def __len__(self) -> int:
        """Return how many feeds are followed."""
        return len(self._users) + len(self.jobs) + len(self.shared)

    async def run(self) -> NoReturn:
        """Follow hints, and sweep, until this is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hints.run())
            tasks.create_task(self.jobs.run())
            await self._sweep_again_and_again()

    @asynccontextmanager
    async def profile(self, workspace: Workspace, profile: bytes) -> AsyncIterator[ProfileFeed | None]:
        """Give the feed of a profile, which stays until the last user leaves; None when there is no such profile."""
        channel = profile_channel(profile)
        feed = self._profiles.get(channel)
        if feed is None:
            position = await seq_of(workspace, profile)
            if position is not None:
                feed = self._profiles.setdefault(channel, ProfileFeed(workspace, self._reading, profile, position))
        if feed is None or feed.workspace.id != workspace.id:
            yield None
            return
        async with self._in_use(self._profiles, channel):
            yield feed

    @asynccontextmanager
    async def workspace(self, workspace: Workspace) -> AsyncIterator[WorkspaceFeed]:
        """Give the feed of everything that happens in a workspace."""
        channel = workspace_channel(workspace.id)
        feed = self._workspaces.get(channel)
        if feed is None:
            feed = self._workspaces[channel] = WorkspaceFeed(workspace, self._reading, floor_id(datetime.now(UTC)))
        async with self._in_use(self._workspaces, channel):
            yield feed

    @asynccontextmanager
    async def definitions(self, workspace: Workspace) -> AsyncIterator[DefinitionsFeed]:
        """Give the feed of what is defined in a workspace."""
        channel = definitions_channel(workspace.id)
        if channel not in self._definitions:
            found = await analytics_of(workspace)
            self._definitions.setdefault(channel, DefinitionsFeed(workspace, self._reading, found))
        async with self._in_use(self._definitions, channel) as feed:
            yield feed

    @asynccontextmanager
    async def _in_use(self, feeds: dict[str, FeedT], channel: str) -> AsyncIterator[FeedT]:
        """Count one user more of a feed, which ends with the last of them."""
        feed = feeds[channel]
        self._use(channel)
        try:
            yield feed
        finally:
            if self._leave(channel):
                del feeds[channel]
                await feed.stop()

    def _use(self, channel: str) -> None:
        self._users[channel] = self._users.get(channel, 0) + 1
        if self._users[channel] == 1:
            self._unheard.add(channel)
            self._hints.follow(channel)

    def _leave(self, channel: str) -> bool:
        """Return whether the last user has left."""
        self._users[channel] -= 1
        if self._users[channel]:
            return False
        del self._users[channel]
        self._unheard.discard(channel)
        self._hints.leave(channel)
        return True

    def _hinted(self, channel: str, message: str) -> None:
        if channel in self._profiles:
            self._profiles[channel].hinted(int(message))
        elif feed := self._feed(channel):
            feed.wake()
        else:
            self.jobs.wake()

    def _missed(self, channel: str) -> None:
        """Look for what came before a channel was heard: of a new one alone, of all when the bus had been away."""
        if channel == HOME:
            self._gap.set()
        elif channel in self._unheard:
            self._unheard.discard(channel)
            if feed := self._feed(channel):
                feed.wake()

    def _feed(self, channel: str) -> Feed[Any] | None:
        return self._profiles.get(channel) or self._workspaces.get(channel) or self._definitions.get(channel)

    async def _sweep_again_and_again(self) -> NoReturn:
        while True:
            try:
                async with asyncio.timeout(self._sweep_seconds):
                    await self._gap.wait()
            except TimeoutError:
                pass
            self._gap.clear()
            try:
                await self._sweep()
            except UnavailableError:
                await asyncio.sleep(min(1.0, self._sweep_seconds))
                self._gap.set()

    async def _sweep(self) -> None:
        """Find out which feeds are behind."""
        for feed in list(self._workspaces.values()):
            feed.sweep()
        feeds = {feed.profile: feed for feed in self._profiles.values()}
        for profile, seq in (await seqs_of(self._database, list(feeds))).items():
            feeds[profile].hinted(seq)
        if self._definitions:
            watched = {each.workspace.id: each for each in self._definitions.values()}
            for workspace, state in (await states_of(self._database, list(watched))).items():
                watched[workspace].swept(state)
