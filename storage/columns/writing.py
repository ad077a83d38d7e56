"""Writing columns back: leaves first, then the head that names them, unless another process was faster."""

from datetime import UTC, datetime

from storage.columns.documents import ENGINE, HEADS, LEAVES, HeadDoc, LeafDoc
from storage.columns.folding import Block, Fold
from storage.store.ids import time_id
from storage.store.mongo import DuplicateKeyError
from storage.store.workspace import Workspace


async def write_back(workspace: Workspace, profile: bytes, head: HeadDoc | None, fold: Fold) -> HeadDoc | None:
    """Write columns: leaves first, and the head where it is still the one that was read. None when it is not.

    Who loses takes its leaves away again; a process that is killed in between leaves some that no head names, which
    are in nobody's way until they are swept.
    """
    made = name_leaves(workspace, profile, fold)
    after: HeadDoc = {
        "_id": profile,
        "workspace": workspace.id,
        "profile": profile,
        "seq": fold.seq,
        "gen": (head["gen"] if head else 0) + 1,
        "engine": ENGINE,
        "leaves": [
            {"id": block.id or b"", "count": block.count, "first": block.first, "last": block.last}
            for block in fold.blocks
        ],
        "open": fold.open.document(),
    }
    await insert_leaves(workspace, made)
    won = await replace_head(workspace, head, after)
    gone = fold.dropped if won else [leaf["_id"] for leaf in made]
    fold.dropped, fold.gen = [], after["gen"] if won else fold.gen
    await delete_leaves(workspace, gone)
    return after if won else None


def name_leaves(workspace: Workspace, profile: bytes, fold: Fold) -> list[LeafDoc]:
    """Return leaves for the blocks that have none yet, which get their ids."""
    now = datetime.now(UTC)
    made: list[LeafDoc] = []
    for place, block in enumerate(fold.blocks):
        if block.id is None and block.columns is not None:
            leaf: LeafDoc = {
                "_id": time_id(now),
                "workspace": workspace.id,
                "profile": profile,
                "columns": block.columns.document(),
            }
            made.append(leaf)
            fold.blocks[place] = Block(block.columns, block.count, block.first, block.last, leaf["_id"])
    return made


async def insert_leaves(workspace: Workspace, leaves: list[LeafDoc]) -> None:
    await workspace.database.insert(LEAVES, [dict(leaf) for leaf in leaves])


async def replace_head(workspace: Workspace, head: HeadDoc | None, after: HeadDoc) -> bool:
    """Put a head into the place of the one that was read, and return whether it was still there."""
    if head is None:
        try:
            await workspace.database.insert(HEADS, [dict(after)])
        except DuplicateKeyError:
            return False
        return True
    unmoved = {"_id": head["_id"], "seq": head["seq"], "gen": head["gen"]}
    return bool(await workspace.database.replace(HEADS, [(unmoved, dict(after))]))


async def delete_leaves(workspace: Workspace, ids: list[bytes]) -> None:
    if ids:
        await workspace.database.delete(LEAVES, {"_id": {"$in": ids}})
