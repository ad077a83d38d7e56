"""What a database needs before it serves: collections, validators, indexes; idempotent, so every start runs it."""

from datetime import UTC, datetime

from storage import (
    api_keys,
    attributes,
    confirmations,
    events,
    identifiers,
    journal,
    loads,
    notes,
    profiles,
    tags,
    tasks,
    workspaces,
)
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from storage.write import once

COLLECTIONS = (
    workspaces.COLLECTION,
    api_keys.COLLECTION,
    profiles.COLLECTION,
    identifiers.COLLECTION,
    journal.COLLECTION,
    notes.COLLECTION,
    tasks.COLLECTION,
    confirmations.COLLECTION,
    tags.COLLECTION,
    attributes.COLLECTION,
    events.COLLECTION,
    loads.COLLECTION,
    once.COLLECTION,
)


async def prepare(database: Database) -> None:
    """Bring every collection up to date with its declaration."""
    for collection in COLLECTIONS:
        await database.declare(collection)


async def prepare_workspace(database: Database, id: str, *, name: str) -> Workspace:
    """Make a workspace with its system attributes, unless it is there."""
    await workspaces.ensure_workspace(database, id, name=name)
    workspace = Workspace(database, id)
    await attributes.ensure_definitions(workspace, attributes.SYSTEM_DEFINITIONS, now=datetime.now(UTC))
    return workspace
