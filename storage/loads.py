"""Loads: which data sets a workspace was given, and the moment that their times are counted from."""

from datetime import datetime
from typing import TypedDict

from storage.store.collections import Collection, Erasure
from storage.store.workspace import Workspace


class LoadDoc(TypedDict, total=False):
    """A load, begun and perhaps finished; `profiles` is how many were there when it last finished."""

    _id: str
    workspace: str
    dataset: str
    anchor: datetime
    startedAt: datetime
    finishedAt: datetime | None
    profiles: int


COLLECTION = Collection(
    name="loads",
    erasure=Erasure.OF_WORKSPACE,
    required={
        "_id": "string",
        "workspace": "string",
        "dataset": "string",
        "anchor": "date",
        "startedAt": "date",
        "finishedAt": ["date", "null"],
        "profiles": ["int", "long"],
    },
)


def load_id(workspace: Workspace, dataset: str) -> str:
    return f"{workspace.id}/{dataset}"


async def find_load(workspace: Workspace, dataset: str) -> LoadDoc | None:
    return await workspace.find_one("loads", {"_id": load_id(workspace, dataset)})


async def begin_load(workspace: Workspace, dataset: str, *, now: datetime) -> datetime:
    """Return the anchor of a load: `now` for the first one, and the same ever after."""
    fields = {"dataset": dataset, "anchor": now, "startedAt": now, "finishedAt": None, "profiles": 0}
    await workspace.database.update(
        "loads", workspace.own({"_id": load_id(workspace, dataset)}), {"$setOnInsert": fields}, upsert=True
    )
    load = await find_load(workspace, dataset)
    if load is None:
        raise LookupError(f"The load of {dataset} was deleted while it began.")
    return load["anchor"]


async def finish_load(workspace: Workspace, dataset: str, *, profiles: int, now: datetime) -> None:
    await workspace.database.update(
        "loads",
        workspace.own({"_id": load_id(workspace, dataset)}),
        {"$set": {"finishedAt": now}, "$max": {"profiles": profiles}},
    )
