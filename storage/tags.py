"""Tags: those of a profile, and the catalogue of a workspace."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from storage.catalogue import stamps
from storage.credentials import Scope
from storage.declaration import Noun
from storage.sources import ChangeSource
from storage.store.collections import Collection, Erasure, Index
from storage.store.ids import time_id
from storage.store.mongo import Session
from storage.store.workspace import Workspace


class ProfileTag(TypedDict):
    """A tag on a profile."""

    name: str
    source: ChangeSource
    addedAt: datetime


class TagDoc(TypedDict):
    """A tag in the catalogue."""

    _id: bytes
    workspace: str
    name: str
    description: str | None
    source: ChangeSource
    version: int
    createdAt: datetime
    updatedAt: datetime


NOUN = Noun(
    type="Tag",
    prefix="tag",
    scope=Scope.PROFILES_READ,
    collection=Collection(
        name="tags",
        erasure=Erasure.OF_WORKSPACE,
        required={
            "_id": "binData",
            "workspace": "string",
            "name": "string",
            "source": "string",
            "version": ["int", "long"],
            "createdAt": "date",
            "updatedAt": "date",
        },
        indexes=(Index([("workspace", 1), ("name", 1)], unique=True),),
    ),
)


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
    workspace: Workspace, name: str, *, source: ChangeSource, now: datetime, description: str | None = None
) -> None:
    """Put a tag into the catalogue unless it is there."""
    made = new_tag(workspace, name, source=source, now=now, description=description)
    await workspace.database.insert_missing("tags", [dict(made)])


def new_tag(
    workspace: Workspace, name: str, *, source: ChangeSource, now: datetime, description: str | None = None
) -> TagDoc:
    return {
        "_id": time_id(now, workspace.id, "tag", name),
        "workspace": workspace.id,
        "name": name,
        "description": description,
        "source": source,
        **stamps(now),  # type: ignore[typeddict-item]  # they are keys of it
    }


async def create_tags(
    workspace: Workspace,
    names: Sequence[str],
    *,
    source: ChangeSource,
    now: datetime,
    session: Session,
    description: str | None = None,
) -> list[TagDoc]:
    """Put tags into the catalogue that are not there, as the transaction of `session` sees it."""
    made = [new_tag(workspace, name, source=source, now=now, description=description) for name in names]
    await workspace.database.insert_first("tags", [dict(one) for one in made], session=session)
    return made


async def count_carriers(workspace: Workspace, name: str, *, session: Session) -> int:
    """Return how many profiles carry the tag, as the transaction of `session` sees it."""
    counted = await workspace.database.aggregate(
        "profiles",
        [
            {"$match": workspace.own({"tags.name": name})},
            {"$group": {"_id": None, "profiles": {"$sum": 1}}},
        ],
        session=session,
    )
    return sum(row["profiles"] for row in counted)
