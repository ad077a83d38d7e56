"""Statistics that are followed: what they were asked of, and what tells that they are not as they were."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from resolvers.context import Context
from resolvers.live.moving import DaysSince, Moving, MovingWindow
from resolvers.statistics import Statistics, counts_of, history_of, statistics_of_each
from resolvers.statistics_parts import RATES
from resolvers.transactions import transactions_of
from storage.aggregates import WindowDoc, as_window
from storage.columns.histories import History
from storage.engines.holding import STANDING
from storage.engines.windows import Unit
from storage.profiles import ProfileDoc
from storage.statistics_settings import StatisticsSettingsDoc


@dataclass(frozen=True, slots=True)
class StatisticsQuery:
    """Which statistics are followed. `window` has the items of the document of a window."""

    window: tuple[tuple[str, Any], ...]
    time_zone: str
    granularity: Unit | None

    async def of_each(self, context: Context, found: Sequence[ProfileDoc]) -> list[Statistics]:
        window: WindowDoc = dict(self.window)  # type: ignore[assignment]  # as it was taken apart
        return await statistics_of_each(
            context, found, window=window, time_zone=self.time_zone, granularity=self.granularity
        )


@dataclass(frozen=True, slots=True)
class FollowedStatistics:
    """Statistics of a profile and its history as they were asked; `shown` differs when any figure does."""

    asked: Statistics
    profile: ProfileDoc
    history: History
    shown: tuple[Any, ...]
    moving: Sequence[Moving]


async def followed(context: Context, profile: ProfileDoc, query: StatisticsQuery) -> FollowedStatistics:
    (asked,) = await query.of_each(context, [profile])
    orders, *counts = await asyncio.gather(
        transactions_of(context, asked), *(counts_of(context, asked, part=part) for part in RATES)
    )
    history = await history_of(context, asked)
    window = as_window(dict(query.window))  # type: ignore[arg-type]  # as above
    held = history.held(sorted(actions_of(asked.settings)), asked.span)
    last, days = orders["lastAt"], orders["daysSinceLast"]
    moving: list[Moving] = [] if last is None or days is None else [DaysSince(last, days)]
    if window.kind not in STANDING:
        moving.append(MovingWindow(window, asked.zone, asked.week_start, held))
    figures = [{name: value for name, value in part.items() if name != "asked"} for part in (orders, *counts)]
    # Which events are the first and the last in the window changes with its series, though all figures be the same.
    return FollowedStatistics(
        asked, profile, history, (asked.settings["version"], *figures, held.since.after, held.until.before), moving
    )


def actions_of(settings: StatisticsSettingsDoc) -> set[str]:
    """Return the actions of all events that are counted."""
    return {action for figure in settings["figures"] for action in figure["actions"]}


def shown_statistics(context: Context, told: FollowedStatistics) -> Statistics:
    """Return what statistics were asked of; their figures are of the history that was told, in any operation."""
    context.loaders.asked[told.profile["_id"]] = told.profile
    context.loaders.histories(whole=context.sees_personal).prime(told.profile["_id"], told.history)
    return told.asked
