"""Definitions of aggregates: which value of a profile's events is computed, over which window (R57)."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from storage.catalogue import stamps
from storage.credentials import Scope
from storage.declaration import Noun
from storage.engines.aggregates import Aggregate, Function
from storage.engines.filters import ParamComparison, ParamFilter
from storage.engines.windows import Unit, Window, WindowKind
from storage.store.collections import Collection, Erasure, Index
from storage.store.ids import time_id
from storage.store.mongo import Database, Document, Session
from storage.store.workspace import Workspace

MOST_DEFINITIONS = 500
SUMS = {"count": 1, "versions": "$version", "times": {"$toLong": "$updatedAt"}}


class FilterDoc(TypedDict):
    """One comparison of one parameter, as stored."""

    param: str
    comparison: ParamComparison
    value: Any


class WindowDoc(TypedDict):
    """A window, as stored; `since` and `until` are of BETWEEN."""

    kind: WindowKind
    unit: Unit | None
    count: int | None
    since: datetime | None
    until: datetime | None
    calendar: bool


class QueryDoc(TypedDict):
    """What is computed. Windows are counted in `timeZone`, an IANA zone."""

    function: Function
    actions: list[str]
    param: str | None
    filters: list[FilterDoc]
    window: WindowDoc
    timeZone: str
    limit: int | None
    quantile: float | None


class NewAggregate(QueryDoc):
    """An aggregate as its author gives it."""

    name: str
    displayName: str
    description: str | None
    showOnProfile: bool


class AggregateDoc(NewAggregate):
    """A definition; `showOnProfile` says whether profiles list its value to everybody (R55)."""

    _id: bytes
    workspace: str
    version: int
    createdAt: datetime
    updatedAt: datetime


NOUN = Noun(
    type="AggregateDefinition",
    prefix="agg",
    scope=Scope.PROFILES_READ,
    collection=Collection(
        name="aggregates",
        erasure=Erasure.OF_WORKSPACE,
        required={
            "_id": "binData",
            "workspace": "string",
            "name": "string",
            "displayName": "string",
            "function": "string",
            "actions": "array",
            "filters": "array",
            "window": "object",
            "timeZone": "string",
            "showOnProfile": "bool",
            "version": ["int", "long"],
            "createdAt": "date",
            "updatedAt": "date",
        },
        indexes=(Index([("workspace", 1), ("name", 1)], unique=True),),
    ),
)


def aggregate_of(definition: QueryDoc) -> Aggregate:
    """Return what is computed; raises `BadInputError` for what can't be."""
    return Aggregate(
        definition["function"],
        tuple(definition["actions"]),
        definition["param"],
        tuple(map(filter_of, definition["filters"])),
        definition["limit"],
        definition["quantile"],
    )


def filter_of(document: FilterDoc) -> ParamFilter:
    """Return one comparison; raises `BadInputError` for a value that it can't have."""
    return ParamFilter(document["param"], document["comparison"], document["value"])


def window_of(definition: QueryDoc) -> Window:
    return as_window(definition["window"])


def new_window(kind: WindowKind = WindowKind.LIFETIME, unit: Unit | None = None, count: int | None = None) -> WindowDoc:
    """Return a window that has no instants of its own."""
    return {"kind": kind, "unit": unit, "count": count, "since": None, "until": None, "calendar": False}


def as_window(window: WindowDoc) -> Window:
    return Window(
        window["kind"], window["unit"], window["count"], window["since"], window["until"], calendar=window["calendar"]
    )


def zone_of(definition: QueryDoc) -> ZoneInfo:
    """Return the zone; raises `ValueError`, or one of the errors of `zoneinfo`, for what is none."""
    return ZoneInfo(definition["timeZone"])


def as_read(document: Mapping[str, Any]) -> AggregateDoc:
    """Return a definition as it was given."""
    read: Any = query_as_read(document)
    definition: AggregateDoc = read
    return definition


def query_as_read(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is computed as it was given: the store has texts for what is one of a set."""
    window = document["window"]
    return {
        **document,
        "function": Function(document["function"]),
        "filters": [{**each, "comparison": ParamComparison(each["comparison"])} for each in document["filters"]],
        "window": {**window, "kind": WindowKind(window["kind"]), "unit": window["unit"] and Unit(window["unit"])},
    }


async def all_aggregates(workspace: Workspace) -> list[AggregateDoc]:
    """Return every definition of the workspace, by name."""
    return [as_read(each) for each in await workspace.find("aggregates", {}, sort=[("name", 1)])]


async def aggregate_states(database: Database, workspaces: Sequence[str]) -> dict[str, Hashable]:
    """Return for each workspace that has definitions what differs whenever one of them was made, changed or deleted."""
    stages: list[Document] = [
        {"$match": {"workspace": {"$in": list(workspaces)}}},
        {"$group": {"_id": "$workspace", **{name: {"$sum": of} for name, of in SUMS.items()}}},
    ]
    found = await database.aggregate("aggregates", stages)
    return {each["_id"]: tuple(each[name] for name in SUMS) for each in found}


def new_aggregate(workspace: Workspace, definition: NewAggregate, *, now: datetime) -> AggregateDoc:
    return {
        **definition,
        "_id": time_id(now, workspace.id, "aggregate", definition["name"]),
        "workspace": workspace.id,
        **stamps(now),  # type: ignore[typeddict-item]  # they are keys of it
    }


async def ensure_aggregates(workspace: Workspace, definitions: Sequence[NewAggregate], *, now: datetime) -> None:
    """Create those definitions whose names have none."""
    made = [dict(new_aggregate(workspace, each, now=now)) for each in definitions]
    await workspace.database.insert_missing("aggregates", made)


async def create_aggregate(
    workspace: Workspace, definition: NewAggregate, *, now: datetime, session: Session
) -> AggregateDoc:
    """Create a definition of a name that has none, as the transaction of `session` sees it."""
    made = new_aggregate(workspace, definition, now=now)
    await workspace.database.insert_first("aggregates", [dict(made)], session=session)
    return made
