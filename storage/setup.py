"""What a database needs before it serves: collections, validators, indexes; idempotent, so every start runs it."""

from datetime import UTC, datetime

from storage import attribute_definitions, workspaces
from storage.nouns import COLLECTIONS
from storage.store.mongo import Database
from storage.store.workspace import Workspace


async def prepare(database: Database) -> None:
    """Bring every collection up to date with its declaration."""
    for collection in COLLECTIONS:
        await database.declare(collection)


async def prepare_workspace(database: Database, id: str, *, name: str) -> Workspace:
    """Make a workspace with its system attributes, unless it is there."""
    await workspaces.ensure_workspace(database, id, name=name)
    workspace = Workspace(database, id)
    await attribute_definitions.ensure_definitions(
        workspace, attribute_definitions.SYSTEM_DEFINITIONS, now=datetime.now(UTC)
    )
    return workspace
