"""Reading columns: as far as they are folded, and the entries of the journal above that, so that nothing is missing."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from storage.columns.documents import ENGINE, HEADS, LEAVES, HeadDoc, LeafDoc, heads_of, leaves_by_id
from storage.columns.folding import Block, Fold, read
from storage.engines.columns import Columns
from storage.journal import EntryKind
from storage.store.errors import UnavailableError
from storage.store.ids import time_id
from storage.store.mongo import DuplicateKeyError
from storage.store.workspace import Workspace

PAGE = 2_000
# Gaps that are longer are closed by whoever reads them; shorter ones are left to the worker.
WRITTEN_BACK = 64
ROUNDS = 5
KEYS = {"_id": 1, "seq": 1, "action": 1, "params": 1}


class GoneError(Exception):
    """A leaf is no more: another process has rewritten the columns since their head was read."""


async def folds_of(workspace: Workspace, wanted: Mapping[bytes, int]) -> dict[bytes, Fold]:
    """Return the columns of profiles, each at least up to a `seq`; what was missing may be written back."""
    heads = await heads_of(workspace, list(wanted))
    folds = await asyncio.gather(
        *(fold_of(workspace, profile, heads.get(profile), seq) for profile, seq in wanted.items())
    )
    return dict(zip(wanted, folds, strict=True))


async def fold_of(workspace: Workspace, profile: bytes, head: HeadDoc | None, seq: int) -> Fold:
    """Return a profile's columns up to `seq`; starts over where somebody else has put other leaves into their place."""
    for _ in range(ROUNDS):
        try:
            return await folded(workspace, profile, head, seq)
        except GoneError:
            head = (await heads_of(workspace, [profile])).get(profile)
    raise UnavailableError("The columns of this profile keep changing; try again shortly.")


async def folded(workspace: Workspace, profile: bytes, head: HeadDoc | None, seq: int) -> Fold:
    """Fold page by page of the journal, each of which is written back; raises `GoneError`."""
    fold, writes = stored_fold(head), True
    while fold.seq < seq:
        until = min(seq, fold.seq + PAGE)
        gap = until - fold.seq
        events = await events_between(workspace, profile, fold.seq, until)
        await read_blocks(workspace, fold, sorted(fold.places(events)))
        fold.add(events, seq=until)
        if writes and gap > WRITTEN_BACK:
            written = await write_back(workspace, profile, head, fold)
            if written is None:  # somebody else was faster: go on from theirs, where that is further than one had got
                written = (await heads_of(workspace, [profile])).get(profile)
                writes = written is not None and written["seq"] > (head["seq"] if head else 0)
                fold = stored_fold(written) if writes else fold
            head = written
    return fold


async def fold_up_to(workspace: Workspace, profile: bytes, fold: Fold, seq: int) -> Fold:
    """Return columns without what came after the entry `seq`; raises `GoneError`."""
    if fold.seq > seq:
        newer = await events_between(workspace, profile, seq, fold.seq)
        await read_blocks(workspace, fold, sorted(fold.places(newer)))
        fold.remove({event["_id"] for event in newer}, seq=seq)
    return fold


def stored_fold(head: HeadDoc | None) -> Fold:
    if head is None:
        return Fold()
    blocks = [Block(None, leaf["count"], leaf["first"], leaf["last"], leaf["id"]) for leaf in head["leaves"]]
    return Fold(head["seq"], blocks, Columns.read(head["open"]))


async def events_between(workspace: Workspace, profile: bytes, after: int, until: int) -> list[Any]:
    """Return the events among the journal's entries after one and up to another."""
    condition = {"profile": profile, "seq": {"$gt": after, "$lte": until}, "kind": EntryKind.EVENT}
    return await workspace.find("journal", condition, projection=KEYS, sort=[("seq", 1)])


async def read_blocks(workspace: Workspace, fold: Fold, places: Sequence[int]) -> None:
    """Read those of the blocks that have not been read yet; raises `GoneError` when others took the place of one."""
    missing = {place: id for place in places if (id := fold.blocks[place].id) and fold.blocks[place].columns is None}
    leaves = await leaves_by_id(workspace, list(missing.values()))
    if len(leaves) < len(missing):
        raise GoneError
    for place, id in missing.items():
        fold.blocks[place] = read(fold.blocks[place], Columns.read(leaves[id]["columns"]))


async def write_back(workspace: Workspace, profile: bytes, head: HeadDoc | None, fold: Fold) -> HeadDoc | None:
    """Write columns: leaves first, and the head where it is still the one that was read. None when it is not.

    Who loses takes its leaves away again; a process that is killed in between leaves some that no head names, which
    are in nobody's way.
    """
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
    database = workspace.database
    await database.insert(LEAVES, [dict(leaf) for leaf in made])
    won = await replace_head(workspace, head, after)
    gone = fold.dropped if won else [leaf["_id"] for leaf in made]
    fold.dropped = []
    if gone:
        await database.delete(LEAVES, {"_id": {"$in": gone}})
    return after if won else None


async def replace_head(workspace: Workspace, head: HeadDoc | None, after: HeadDoc) -> bool:
    if head is None:
        try:
            await workspace.database.delete(HEADS, {"_id": after["_id"], "engine": {"$ne": ENGINE}})
            await workspace.database.insert(HEADS, [dict(after)])
        except DuplicateKeyError:
            return False
        return True
    unmoved = {"_id": head["_id"], "seq": head["seq"], "gen": head["gen"]}
    return bool(await workspace.database.update(HEADS, unmoved, {"$set": dict(after)}))
