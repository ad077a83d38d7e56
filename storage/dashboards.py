"""Dashboards: widgets that a workspace shows on its profiles, on all of them or by a condition (R4, R54)."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict

from storage.aggregates import QueryDoc, query_as_read
from storage.catalogue import stamps
from storage.credentials import Scope
from storage.declaration import Noun
from storage.engines.windows import Unit
from storage.store.collections import Collection, Erasure, Index
from storage.store.ids import time_id
from storage.store.mongo import Document, Filter, Session
from storage.store.workspace import Workspace

MOST_DASHBOARDS = 100
SHOWN: Filter = {"showOnProfile": True}


class WidgetKind(StrEnum):
    """What a widget shows."""

    FIGURE = "FIGURE"
    TIME_SERIES = "TIME_SERIES"
    BREAKDOWN = "BREAKDOWN"
    TABLE = "TABLE"
    ANALYSIS = "ANALYSIS"


class DashboardPreset(StrEnum):
    """A dashboard that every workspace begins with."""

    OVERVIEW = "OVERVIEW"
    CALL_CENTRE = "CALL_CENTRE"
    TRANSACTION_TRENDS = "TRANSACTION_TRENDS"


class WidgetDoc(TypedDict):
    """A widget: `query` is None for ANALYSIS, which is of the aggregate of this name.

    `granularity` is of TIME_SERIES, `by` is the parameter that a BREAKDOWN is by, and `columns` are those of a TABLE.
    """

    title: str
    kind: WidgetKind
    query: QueryDoc | None
    granularity: Unit | None
    by: str | None
    columns: list[str]
    aggregate: str | None


class NewDashboard(TypedDict):
    """A dashboard as its author gives it; its condition is a document (`storage/condition_documents.py`)."""

    name: str
    displayName: str
    description: str | None
    widgets: list[WidgetDoc]
    showOnProfile: bool
    condition: Document | None


class DashboardDoc(NewDashboard):
    """A dashboard; `preset` says which one it began as, and is None for those that somebody made."""

    _id: bytes
    workspace: str
    preset: DashboardPreset | None
    version: int
    createdAt: datetime
    updatedAt: datetime


NOUN = Noun(
    type="Dashboard",
    prefix="dsh",
    scope=Scope.PROFILES_READ,
    collection=Collection(
        name="dashboards",
        erasure=Erasure.OF_WORKSPACE,
        required={
            "_id": "binData",
            "workspace": "string",
            "name": "string",
            "displayName": "string",
            "widgets": "array",
            "showOnProfile": "bool",
            "version": ["int", "long"],
            "createdAt": "date",
            "updatedAt": "date",
        },
        indexes=(Index([("workspace", 1), ("name", 1)], unique=True),),
    ),
)


def as_read(document: Mapping[str, Any]) -> DashboardDoc:
    """Return a dashboard as it was given: the store has texts for what is one of a set."""
    preset = document["preset"]
    read: Any = {
        **document,
        "widgets": [widget_as_read(each) for each in document["widgets"]],
        "preset": preset and DashboardPreset(preset),
    }
    dashboard: DashboardDoc = read
    return dashboard


def widget_as_read(widget: Mapping[str, Any]) -> dict[str, Any]:
    query, granularity = widget["query"], widget["granularity"]
    return {
        **widget,
        "kind": WidgetKind(widget["kind"]),
        "query": query and query_as_read(query),
        "granularity": granularity and Unit(granularity),
    }


async def all_dashboards(workspace: Workspace, *, hidden: bool) -> list[DashboardDoc]:
    """Return the dashboards that are shown on profiles, or every one, by name."""
    which = {} if hidden else SHOWN
    return [as_read(each) for each in await workspace.find("dashboards", which, sort=[("name", 1)])]


def new_dashboard(
    workspace: Workspace, dashboard: NewDashboard, *, now: datetime, preset: DashboardPreset | None = None
) -> DashboardDoc:
    return {
        **dashboard,
        "preset": preset,
        "_id": time_id(now, workspace.id, "dashboard", dashboard["name"]),
        "workspace": workspace.id,
        **stamps(now),  # type: ignore[typeddict-item]  # they are keys of it
    }


async def create_dashboard(
    workspace: Workspace, dashboard: NewDashboard, *, now: datetime, session: Session
) -> DashboardDoc:
    """Create a dashboard of a name that has none, as the transaction of `session` sees it."""
    made = new_dashboard(workspace, dashboard, now=now)
    await workspace.database.insert_first("dashboards", [dict(made)], session=session)
    return made
