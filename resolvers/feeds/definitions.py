"""Feeds of what a workspace computes: read again when a hint says so, or a sweep finds that it has changed."""

import asyncio
from collections.abc import Hashable, Sequence

from loaders.analytics import Analytics, analytics_of
from resolvers.feeds.feed import Feed
from storage.aggregates import aggregate_states
from storage.statistics_settings import settings_states
from storage.store.mongo import Database
from storage.store.workspace import Workspace

SETTINGS = ""  # no definition has this name


class DefinitionsFeed(Feed[str]):
    """The definitions of a workspace, and its settings of statistics.

    Followers are called with the names of the definitions that changed, or are gone, and with `SETTINGS`.
    """

    def __init__(self, workspace: Workspace, reading: asyncio.Semaphore, analytics: Analytics) -> None:
        super().__init__(workspace, reading)
        self.analytics = analytics
        self._state: Hashable = None

    def swept(self, state: Hashable) -> None:
        """Read again where `state`, which differs with each change, is another than before."""
        if state != self._state:
            self._state = state
            self.wake()

    async def _read(self) -> tuple[Sequence[str], bool]:
        before, self.analytics = self.analytics, await analytics_of(self.workspace)
        old, new = before.aggregates, self.analytics.aggregates
        changed = [name for name in dict.fromkeys([*old, *new]) if old.get(name) != new.get(name)]
        return [*changed, *([SETTINGS] if before.settings != self.analytics.settings else [])], False


async def states_of(database: Database, workspaces: Sequence[str]) -> dict[str, Hashable]:
    """Return for each workspace what differs whenever a definition or the settings have changed."""
    aggregates, settings = await asyncio.gather(
        aggregate_states(database, workspaces), settings_states(database, workspaces)
    )
    return {workspace: (aggregates.get(workspace), settings.get(workspace)) for workspace in workspaces}
