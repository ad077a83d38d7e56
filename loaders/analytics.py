"""What analyses of a workspace are made by."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from storage.aggregates import AggregateDoc, all_aggregates
from storage.statistics_settings import StatisticsSettingsDoc, find_settings, week_start_of
from storage.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Analytics:
    """Definitions of aggregates by name, and the settings of the workspace."""

    aggregates: Mapping[str, AggregateDoc]
    settings: StatisticsSettingsDoc

    @property
    def week_start(self) -> int:
        return week_start_of(self.settings)


async def analytics_of(workspace: Workspace) -> Analytics:
    found, settings = await asyncio.gather(all_aggregates(workspace), find_settings(workspace))
    return Analytics({each["name"]: each for each in found}, settings)
