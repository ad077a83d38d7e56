"""Feeds of what is defined in a workspace: read again when a hint says so, or a sweep finds that it has changed."""

import asyncio
from collections.abc import Hashable, Iterable, Mapping, Sequence

from resolvers.feeds.feed import Feed
from storage.aggregates import AggregateDoc, all_aggregates
from storage.store.workspace import Workspace


class DefinitionsFeed(Feed[str]):
    """The definitions of a workspace by name; followers are called with the names of those that changed or are gone."""

    def __init__(self, workspace: Workspace, reading: asyncio.Semaphore, found: Iterable[AggregateDoc]) -> None:
        super().__init__(workspace, reading)
        self.aggregates = by_name(found)
        self._state: Hashable = None

    def swept(self, state: Hashable) -> None:
        """Read again where `state`, which differs with each change, is another than before."""
        if state != self._state:
            self._state = state
            self.wake()

    async def _read(self) -> tuple[Sequence[str], bool]:
        before, self.aggregates = self.aggregates, by_name(await all_aggregates(self.workspace))
        names = dict.fromkeys([*before, *self.aggregates])
        return [name for name in names if before.get(name) != self.aggregates.get(name)], False


def by_name(found: Iterable[AggregateDoc]) -> Mapping[str, AggregateDoc]:
    return {each["name"]: each for each in found}
