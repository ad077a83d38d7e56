"""What a database needs before it serves: collections, validators, indexes; idempotent, so every start runs it."""

from datetime import UTC, datetime

from storage import attribute_definitions, workspaces
from storage.nouns import COLLECTIONS
from storage.presets import PRESETS, ensure_presets
from storage.store.errors import OutdatedDataError
from storage.store.mongo import Database
from storage.store.workspace import Workspace


async def prepare(database: Database) -> None:
    """Bring every collection up to date with its declaration; raises `OutdatedDataError` for data of another form."""
    entry = await database.find_one("journal", {}, projection={"actor": 1})
    if entry is not None and not isinstance(entry["actor"], dict):
        raise OutdatedDataError(
            "An earlier version wrote this database, and its documents have another form. Start with an empty one: "
            "another GATEWAY_MONGODB_DATABASE, or another --data-dir; demo data is loaded anew."
        )
    for collection in COLLECTIONS:
        await database.declare(collection)
    for id in await workspaces.ids_without_presets(database, [*PRESETS]):
        await ensure_presets(Workspace(database, id), now=datetime.now(UTC))


async def prepare_workspace(database: Database, id: str, *, name: str) -> Workspace:
    """Make a workspace with its system attributes and presets, unless it is there."""
    await workspaces.ensure_workspace(database, id, name=name)
    workspace = Workspace(database, id)
    now = datetime.now(UTC)
    await attribute_definitions.ensure_definitions(workspace, attribute_definitions.SYSTEM_DEFINITIONS, now=now)
    await ensure_presets(workspace, now=now)
    return workspace
