"""Settings of statistics: what they are, and how they are changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from resolvers.aggregates import check_events, check_filtering
from resolvers.context import Context
from resolvers.mutations import Options, PayloadDoc, change_workspace
from storage.catalogue import changes_of
from storage.credentials import Scope
from storage.rules import check_kept, check_name, check_number
from storage.statistics_settings import (
    FigureEventsDoc,
    StatisticsFigure,
    StatisticsSettingsDoc,
    change_settings,
    find_settings,
    with_figures,
)
from storage.store.mongo import Document, Session
from storage.store.refusals import UserErrorCode, check_version, refuse


async def settings_of(context: Context) -> StatisticsSettingsDoc:
    context.credential.require(Scope.PROFILES_READ)
    return (await context.loaders.analytics.load(context.workspace.id)).settings


async def update_settings(context: Context, options: Options, *, fields: Mapping[str, Any]) -> PayloadDoc:
    """Change those fields that are given; of the events of figures and of the parameters, those that are named."""
    for events in fields.get("figures") or ():
        check_filtering(context, events["filters"])

    async def body(session: Session) -> Document:
        settings = await find_settings(context.workspace, session=session)
        check_version(settings["version"], options.expected_version)
        check_kept(fields, "weekStart", "params", "figures")
        given = dict(fields)
        if "params" in given:
            check_params(given["params"])
            given["params"] = {**settings["params"], **given["params"]}
        if "figures" in given:
            check_figures(given["figures"])
            given["figures"] = with_figures(settings, given["figures"])
        changed = changes_of(settings, given)
        if changed:
            settings = await change_settings(context.workspace, settings, changed, now=context.now, session=session)
        return {"statisticsSettings": settings}

    return await change_workspace(context, options, body)


def check_params(given: Mapping[str, str | None]) -> None:
    for name, param in given.items():
        if param is None:
            raise refuse(UserErrorCode.BLANK, ["params", name], "This can't be removed; leave it out to keep it.")
        check_name(param, ["params", name])


def check_figures(given: Sequence[FigureEventsDoc]) -> None:
    check_number(len(given), ["figures"], most=len(StatisticsFigure))
    seen = set()
    for place, events in enumerate(given):
        at = ["figures", str(place)]
        if events["figure"] in seen:
            raise refuse(UserErrorCode.INVALID_VALUE, [*at, "figure"], f"{events['figure']} is given twice.")
        seen.add(events["figure"])
        check_events(events["actions"], events["filters"], at)
