"""`analysesChanged`: the figures of a profile as they are, and again those that have changed."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial
from typing import TypedDict

from resolvers.analyses import Figure, chosen
from resolvers.context import Context
from resolvers.live.figures import Choice, Figures, FiguresFeed
from resolvers.live.sources import feed_of, hub_of
from resolvers.live.statistics import FollowedStatistics, StatisticsQuery
from resolvers.live.stream import Payload, Sink, Stream


class AnalysesChangedDoc(TypedDict):
    """Figures that are new or have changed, and the names of those that are no more, as of an entry and a moment."""

    seq: int
    asOf: datetime
    aggregates: list[Figure]
    removed: list[str]
    statistics: FollowedStatistics | None


class AnalysesStream(Stream):
    """All figures that are followed first, then those that have changed; changes within a pause come together."""

    def __init__(self, using: AsyncExitStack, feed: FiguresFeed) -> None:
        super().__init__(using)
        self._feed = feed

    async def missed(self) -> AsyncGenerator[Payload, None]:
        before, figures = None, await self._feed.current()
        while before is None or before.number < figures.number:
            yield self._message(before, figures.kept())
            before, figures = figures, self._feed.figures or figures

    def follow(self, sink: Sink) -> Callable[[], None]:
        return self._feed.follow(lambda before, figures: sink(self._message(before, figures)))

    def _message(self, before: Figures | None, figures: Figures | Exception) -> Payload:
        if isinstance(figures, Exception):
            return Payload({}, error=figures)
        content: AnalysesChangedDoc = {
            "seq": figures.seq,
            "asOf": figures.as_of,
            "aggregates": [figures.by_name[name] for name in figures.changed_since(before)],
            "removed": figures.gone_since(before),
            "statistics": figures.statistics_since(before),
        }
        return Payload(content, position=figures.number)


async def analyses_changes(
    context: Context, profile_id: str, *, names: Sequence[str] | None, statistics: StatisticsQuery | None
) -> Stream:
    """Follow figures of a profile: those with some names or all that profiles list, and statistics (R5)."""
    async with AsyncExitStack() as using:
        profile = await feed_of(context, profile_id, using)
        definitions = await using.enter_async_context(hub_of(context).definitions(context.workspace))
        if names is not None:
            names = tuple(dict.fromkeys(names))
            if not definitions.analytics.aggregates.keys() >= set(names):
                await definitions.catch_up()  # they may be new
            chosen(context, definitions.analytics.aggregates, names, hidden=False)
        if statistics is not None:
            context.loaders.analytics.prime(context.workspace.id, definitions.analytics)
            await statistics.of_each(context, [])  # so that what is wrong with it is told at once
        shared = hub_of(context).shared
        choice = Choice(names, statistics)
        make = partial(FiguresFeed, profile, definitions, choice, context.credential, shared.turns)
        key = "figures", profile.profile, choice, context.sees_personal
        feed = await using.enter_async_context(shared.use(key, make))
        return AnalysesStream(using.pop_all(), feed)
