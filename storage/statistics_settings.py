"""Settings of statistics: which events each figure counts, and the first day of the week (R53)."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict

from storage.aggregates import FilterDoc
from storage.engines.filters import ParamComparison
from storage.store.collections import Collection, Erasure
from storage.store.ids import whole_milliseconds
from storage.store.mongo import Database, Session
from storage.store.workspace import Workspace


class Weekday(StrEnum):
    """Days of the week."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"


class StatisticsFigure(StrEnum):
    """What events are counted as."""

    CHARGED = "CHARGED"
    CANCELLED = "CANCELLED"
    EMAIL_SENT = "EMAIL_SENT"
    EMAIL_DELIVERED = "EMAIL_DELIVERED"
    EMAIL_OPENED = "EMAIL_OPENED"
    EMAIL_CLICKED = "EMAIL_CLICKED"
    EMAIL_BOUNCED_HARD = "EMAIL_BOUNCED_HARD"
    EMAIL_BOUNCED_SOFT = "EMAIL_BOUNCED_SOFT"
    EMAIL_UNSUBSCRIBED = "EMAIL_UNSUBSCRIBED"
    WEB_PUSH_SENT = "WEB_PUSH_SENT"
    WEB_PUSH_SHOWN = "WEB_PUSH_SHOWN"
    WEB_PUSH_CLICKED = "WEB_PUSH_CLICKED"
    WEB_PUSH_SUBSCRIBED = "WEB_PUSH_SUBSCRIBED"
    WEB_PUSH_UNSUBSCRIBED = "WEB_PUSH_UNSUBSCRIBED"
    MOBILE_PUSH_SENT = "MOBILE_PUSH_SENT"
    MOBILE_PUSH_SHOWN = "MOBILE_PUSH_SHOWN"
    MOBILE_PUSH_CLICKED = "MOBILE_PUSH_CLICKED"
    MOBILE_PUSH_SUBSCRIBED = "MOBILE_PUSH_SUBSCRIBED"
    MOBILE_PUSH_UNSUBSCRIBED = "MOBILE_PUSH_UNSUBSCRIBED"
    DYNAMIC_CONTENT_SHOWN = "DYNAMIC_CONTENT_SHOWN"
    DYNAMIC_CONTENT_CLICKED = "DYNAMIC_CONTENT_CLICKED"
    DYNAMIC_CONTENT_CLOSED = "DYNAMIC_CONTENT_CLOSED"


class FigureEventsDoc(TypedDict):
    """Which events a figure counts: of one of the actions, that pass all filters."""

    figure: StatisticsFigure
    actions: list[str]
    filters: list[FilterDoc]


class StatisticsParamsDoc(TypedDict):
    """Names of the parameters that amounts, currencies, numbers of items, orders and messages are read from."""

    amount: str
    currency: str
    items: str
    order: str
    message: str


class StatisticsSettingsDoc(TypedDict):
    """Settings of a workspace; `version` 0 are the defaults, of which nothing is stored."""

    _id: str
    workspace: str
    version: int
    weekStart: Weekday
    params: StatisticsParamsDoc
    figures: list[FigureEventsDoc]
    updatedAt: datetime | None


COLLECTION = Collection(
    name="statistics_settings",
    erasure=Erasure.OF_WORKSPACE,
    required={
        "_id": "string",
        "workspace": "string",
        "version": ["int", "long"],
        "weekStart": "string",
        "params": "object",
        "figures": "array",
        "updatedAt": "date",
    },
)
ACTIONS = {
    StatisticsFigure.CHARGED: "transaction.charge",
    StatisticsFigure.CANCELLED: "transaction.cancel",
    StatisticsFigure.EMAIL_SENT: "message.send",
    StatisticsFigure.EMAIL_DELIVERED: "message.deliver",
    StatisticsFigure.EMAIL_OPENED: "message.open",
    StatisticsFigure.EMAIL_CLICKED: "message.click",
    StatisticsFigure.EMAIL_BOUNCED_HARD: "message.bounce",
    StatisticsFigure.EMAIL_BOUNCED_SOFT: "message.bounce",
    StatisticsFigure.EMAIL_UNSUBSCRIBED: "message.unsubscribe",
    StatisticsFigure.WEB_PUSH_SENT: "webPush.send",
    StatisticsFigure.WEB_PUSH_SHOWN: "webPush.show",
    StatisticsFigure.WEB_PUSH_CLICKED: "webPush.click",
    StatisticsFigure.WEB_PUSH_SUBSCRIBED: "webPush.subscribe",
    StatisticsFigure.WEB_PUSH_UNSUBSCRIBED: "webPush.unsubscribe",
    StatisticsFigure.MOBILE_PUSH_SENT: "mobilePush.send",
    StatisticsFigure.MOBILE_PUSH_SHOWN: "mobilePush.show",
    StatisticsFigure.MOBILE_PUSH_CLICKED: "mobilePush.click",
    StatisticsFigure.MOBILE_PUSH_SUBSCRIBED: "mobilePush.subscribe",
    StatisticsFigure.MOBILE_PUSH_UNSUBSCRIBED: "mobilePush.unsubscribe",
    StatisticsFigure.DYNAMIC_CONTENT_SHOWN: "dynamicContent.show",
    StatisticsFigure.DYNAMIC_CONTENT_CLICKED: "dynamicContent.click",
    StatisticsFigure.DYNAMIC_CONTENT_CLOSED: "dynamicContent.close",
}
BOUNCES = {StatisticsFigure.EMAIL_BOUNCED_HARD: "hard", StatisticsFigure.EMAIL_BOUNCED_SOFT: "soft"}


def default_events(figure: StatisticsFigure) -> FigureEventsDoc:
    """Return what a figure counts in a workspace that says nothing of it: a message without a channel is an email."""
    filters: list[FilterDoc] = []
    if figure in BOUNCES:
        filters.append({"param": "type", "comparison": ParamComparison.EQ, "value": BOUNCES[figure]})
    if ACTIONS[figure].startswith("message."):
        filters += [
            {"param": "channel", "comparison": ParamComparison.NE, "value": other} for other in ("sms", "whatsapp")
        ]
    return {"figure": figure, "actions": [ACTIONS[figure]], "filters": filters}


def default_settings(workspace: Workspace) -> StatisticsSettingsDoc:
    return {
        "_id": workspace.id,
        "workspace": workspace.id,
        "version": 0,
        "weekStart": Weekday.MONDAY,
        "params": {
            "amount": "amount",
            "currency": "currency",
            "items": "quantity",
            "order": "orderId",
            "message": "messageId",
        },
        "figures": [default_events(figure) for figure in StatisticsFigure],
        "updatedAt": None,
    }


async def find_settings(workspace: Workspace, *, session: Session = None) -> StatisticsSettingsDoc:
    """Return the settings of the workspace, or the defaults."""
    found = await workspace.by_id(COLLECTION.name, [workspace.id], session=session)
    return as_read(workspace, found[0]) if found else default_settings(workspace)


async def settings_states(database: Database, workspaces: Sequence[str]) -> dict[str, Hashable]:
    """Return the version of the settings of each workspace that has any."""
    found = await database.find(COLLECTION.name, {"_id": {"$in": list(workspaces)}}, projection={"version": 1})
    return {each["_id"]: each["version"] for each in found}


def as_read(workspace: Workspace, document: Mapping[str, Any]) -> StatisticsSettingsDoc:
    """Return settings as they were given: the store has texts for what is one of a set."""
    stored = {each["figure"]: each for each in document["figures"]}
    figures: list[FigureEventsDoc] = []
    for default in default_settings(workspace)["figures"]:
        events = stored.get(default["figure"], default)
        filters: Any = [{**each, "comparison": ParamComparison(each["comparison"])} for each in events["filters"]]
        figures.append({"figure": default["figure"], "actions": events["actions"], "filters": filters})
    read: Any = {**document, "weekStart": Weekday(document["weekStart"]), "figures": figures}
    settings: StatisticsSettingsDoc = read
    return settings


async def change_settings(
    workspace: Workspace,
    settings: StatisticsSettingsDoc,
    fields: Mapping[str, Any],
    *,
    now: datetime,
    session: Session,
) -> StatisticsSettingsDoc:
    """Store settings with some of their fields changed, as the next version, which is returned."""
    moved: Any = {**settings, **fields, "version": settings["version"] + 1, "updatedAt": whole_milliseconds(now)}
    after: StatisticsSettingsDoc = moved
    content = {key: value for key, value in after.items() if key != "_id"}
    database = workspace.database
    await database.update(COLLECTION.name, {"_id": workspace.id}, {"$set": content}, upsert=True, session=session)
    return after


def events_of(settings: StatisticsSettingsDoc) -> dict[StatisticsFigure, FigureEventsDoc]:
    return {events["figure"]: events for events in settings["figures"]}


def week_start_of(settings: StatisticsSettingsDoc) -> int:
    """Return the first day of the week as windows count it: 0 is Monday."""
    return list(Weekday).index(settings["weekStart"])


def with_figures(settings: StatisticsSettingsDoc, given: Sequence[FigureEventsDoc]) -> list[FigureEventsDoc]:
    """Return the events of every figure, those that are given in place of what they were."""
    changed = {events["figure"]: events for events in given}
    return [changed.get(events["figure"], events) for events in settings["figures"]]
