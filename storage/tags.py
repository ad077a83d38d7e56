"""Tags: those of a profile, and the catalogue of a workspace."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from storage.ids import time_id
from storage.mongo import Collection, Index
from storage.pages import Page, PageRequest, keyset
from storage.workspace import Workspace

PREFIX = "tag"


class TagSource(StrEnum):
    """Who put a tag there; one of the system's can't be added or removed by hand (R25)."""

    USER = "USER"
    IMPORT = "IMPORT"
    SYSTEM = "SYSTEM"


class ProfileTag(TypedDict):
    """A tag on a profile."""

    name: str
    source: TagSource
    addedAt: datetime


class TagDoc(TypedDict):
    """A tag in the catalogue."""

    _id: bytes
    workspace: str
    name: str
    description: str | None
    source: TagSource
    createdAt: datetime


COLLECTION = Collection(
    "tags",
    required={"_id": "binData", "workspace": "string", "name": "string", "source": "string", "createdAt": "date"},
    indexes=(Index([("workspace", 1), ("name", 1)], unique=True),),
)


async def list_tags(workspace: Workspace, page: PageRequest) -> Page[TagDoc]:
    """Return one page of the catalogue, by name."""
    return await keyset(workspace, "tags", {}, key="name", page=page)


async def tags_by_id(workspace: Workspace, ids: Sequence[bytes]) -> list[TagDoc]:
    return await workspace.find("tags", {"_id": {"$in": list(ids)}})


async def count_profiles_by_tag(workspace: Workspace, names: Sequence[str]) -> dict[str, int]:
    """Return how many profiles carry each of the tags; tags that nobody carries are missing."""
    carried = {"tags.name": {"$in": list(names)}}
    rows = await workspace.aggregate(
        "profiles",
        carried,
        [
            {"$project": {"tags.name": 1}},
            {"$unwind": "$tags"},
            {"$match": carried},
            {"$group": {"_id": "$tags.name", "profiles": {"$sum": 1}}},
        ],
    )
    return {row["_id"]: row["profiles"] for row in rows}


async def ensure_tag(
    workspace: Workspace, name: str, *, source: TagSource, now: datetime, description: str | None = None
) -> None:
    """Put a tag into the catalogue unless it is there."""
    await workspace.database.update(
        "tags",
        workspace.own({"name": name}),
        {
            "$setOnInsert": {
                "_id": time_id(now, workspace.id, "tag", name),
                "description": description,
                "source": source.value,
                "createdAt": now,
            }
        },
        upsert=True,
    )
