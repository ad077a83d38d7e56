"""Making columns anew from the journal, whatever is stored; readers and workers may be at it meanwhile."""

from datetime import UTC, datetime
from typing import Any

from storage.columns.documents import LEAVES
from storage.columns.reading import fold_anew
from storage.columns.verification import ORPHAN_AGE, orphans_of
from storage.columns.writing import delete_leaves
from storage.store.ids import floor_id
from storage.store.mongo import batches
from storage.store.workspace import Workspace

PAGE = 200


async def rebuild(workspace: Workspace, profile: bytes, seq: int) -> None:
    """Fold a profile's events anew up to `seq`, and delete leaves of it that nobody needs."""
    head = await fold_anew(workspace, profile, seq)
    found = await workspace.find(LEAVES, {"profile": profile}, projection={"_id": 1})
    before = floor_id(datetime.now(UTC) - ORPHAN_AGE)
    orphans = orphans_of([head] if head else [], [leaf["_id"] for leaf in found], before=before)
    for batch in batches(orphans):
        await delete_leaves(workspace, list(batch))


async def profiles_after(workspace: Workspace, profile: bytes) -> list[Any]:
    """Return the next profiles in the order of their ids, with what a rebuild needs of them."""
    keys = {"seq": 1, "eventCount": 1}
    return await workspace.find("profiles", {"_id": {"$gt": profile}}, projection=keys, sort=[("_id", 1)], limit=PAGE)


async def has_columns(workspace: Workspace, profile: bytes) -> bool:
    return await workspace.count("heads", {"profile": profile}, most=1) > 0
