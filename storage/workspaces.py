"""Workspaces: the tenants. Everything else that is stored names one, and no credential reaches two."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from storage.store.collections import Collection, Erasure
from storage.store.errors import BadInputError
from storage.store.mongo import Database, Document

COLLECTION = Collection(
    name="workspaces",
    erasure=Erasure.OF_WORKSPACE,
    required={"_id": "string", "name": "string", "createdAt": "date"},
)
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


async def ensure_workspace(database: Database, id: str, *, name: str) -> None:
    """Make the workspace unless it is there; one that is keeps its name."""
    if SLUG.fullmatch(id) is None:
        raise BadInputError(
            "A workspace's id is 1 to 63 lower-case letters, digits, - and _, and starts with a letter or digit."
        )
    created: Document = {"name": name, "createdAt": datetime.now(UTC)}
    await database.update(COLLECTION.name, {"_id": id}, {"$setOnInsert": created}, upsert=True)


async def workspace_name(database: Database, id: str) -> str | None:
    """Return the workspace's name, and None when there is no such workspace."""
    if SLUG.fullmatch(id) is None:
        return None
    found = await database.find_one(COLLECTION.name, {"_id": id}, projection={"name": 1})
    return found["name"] if found else None


async def workspace_ids(database: Database) -> list[str]:
    """Return the ids of all workspaces, in their order."""
    found = await database.find(COLLECTION.name, {}, projection={"_id": 1})
    return sorted(workspace["_id"] for workspace in found)


async def workspace_created_at(database: Database, id: str) -> datetime | None:
    """Return when the workspace was made, and None when there is no such workspace."""
    if SLUG.fullmatch(id) is None:
        return None
    found = await database.find_one(COLLECTION.name, {"_id": id}, projection={"createdAt": 1})
    return found["createdAt"] if found else None


async def presets_of(database: Database, id: str) -> list[str]:
    """Return the names of the presets that the workspace has been given."""
    found = await database.find_one(COLLECTION.name, {"_id": id}, projection={"presets": 1})
    return found.get("presets", []) if found else []


async def remember_presets(database: Database, id: str, names: Sequence[str]) -> None:
    """Remember presets that the workspace has been given."""
    await database.update(COLLECTION.name, {"_id": id}, {"$addToSet": {"presets": {"$each": [*names]}}})


async def ids_without_presets(database: Database, names: Sequence[str]) -> list[str]:
    """Return the workspaces that were not given all of these presets."""
    found = await database.find(COLLECTION.name, {"presets": {"$not": {"$all": [*names]}}}, projection={"_id": 1})
    return [workspace["_id"] for workspace in found]
