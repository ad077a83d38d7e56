"""Reading columns: as far as they are folded, and the entries of the journal above that, so that nothing is missing."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from storage.columns.documents import ENGINE, HeadDoc, head_of, heads_of, leaves_by_id
from storage.columns.folding import Block, Fold, read
from storage.columns.writing import write_back
from storage.engines.columns import Columns
from storage.journal import EntryKind
from storage.profiles import ProfileDoc
from storage.store.errors import UnavailableError
from storage.store.workspace import Workspace

PAGE = 1_000
# So many events are added before others work: it takes some milliseconds.
PORTION = 250
# Gaps that are longer are closed by whoever reads them; shorter ones are left to the worker.
WRITTEN_BACK = 64
ROUNDS = 5
CHANGING = "The columns of this profile keep changing; try again shortly."
KEYS = {"_id": 1, "seq": 1, "action": 1, "params": 1}


class GoneError(Exception):
    """A leaf is no more: another process has rewritten the columns since their head was read."""


async def folds_of(
    workspace: Workspace, wanted: Mapping[bytes, int], *, carrying: Mapping[bytes, ProfileDoc] | None = None
) -> dict[bytes, Fold]:
    """Return the columns of profiles, each at least up to a `seq`; what was missing may be written back.

    Small gaps are filled from what the profiles of `carrying`, which are at that `seq`, have of the newest events.
    """
    heads, carrying = await heads_of(workspace, list(wanted)), carrying or {}
    folds = await asyncio.gather(
        *(
            fold_of(workspace, profile, heads.get(profile), seq, carrying=carrying.get(profile))
            for profile, seq in wanted.items()
        )
    )
    return dict(zip(wanted, folds, strict=True))


async def fold_again(workspace: Workspace, profile: bytes, fold: Fold) -> Fold:
    """Return the columns of a profile of which a leaf was gone."""
    head = await head_of(workspace, profile)
    return await fold_of(workspace, profile, head, fold.seq, anew=head is not None and head["gen"] == fold.gen)


async def fold_of(
    workspace: Workspace,
    profile: bytes,
    head: HeadDoc | None,
    seq: int,
    *,
    carrying: ProfileDoc | None = None,
    anew: bool = False,
    most: int = WRITTEN_BACK,
) -> Fold:
    """Return a profile's columns up to `seq`, of which gaps of more than `most` entries are written back.

    It starts over where somebody else has put other leaves into the place of these. Where nobody has, the head names a
    leaf that is not there: such columns are made anew.
    """
    for _ in range(ROUNDS):
        try:
            return await folded(workspace, profile, head, seq, carrying=carrying, anew=anew, most=most)
        except GoneError:
            known, head = head, await head_of(workspace, profile)
            anew = is_unmoved(known, head)
    raise UnavailableError(CHANGING)


async def fold_anew(workspace: Workspace, profile: bytes, seq: int) -> HeadDoc | None:
    """Fold a profile's columns from nothing, whatever is stored, and return their head.

    Its first page takes the place of what was there; then they are as any that are behind.
    """
    for _ in range(ROUNDS):
        head, until = await head_of(workspace, profile), min(seq, PAGE)
        fold = stored_fold(head, anew=True)
        await add(workspace, fold, await events_between(workspace, profile, 0, until), seq=until)
        if (head := await write_back(workspace, profile, head, fold)) is not None:
            await fold_of(workspace, profile, head, seq, most=0)
            return await head_of(workspace, profile)
    raise UnavailableError(CHANGING)


def is_unmoved(known: HeadDoc | None, head: HeadDoc | None) -> bool:
    return known is not None and head is not None and known["gen"] == head["gen"]


async def folded(
    workspace: Workspace,
    profile: bytes,
    head: HeadDoc | None,
    seq: int,
    *,
    carrying: ProfileDoc | None,
    anew: bool,
    most: int,
) -> Fold:
    """Fold page by page of the journal, each of which is written back; raises `GoneError`."""
    fold, writes = stored_fold(head, anew=anew), is_ours(head)
    if 0 < seq - fold.seq <= WRITTEN_BACK and carrying and (events := carried(carrying, fold)) is not None:
        await add(workspace, fold, events, seq=seq)
    while fold.seq < seq:
        until = min(seq, fold.seq + PAGE)
        gap = until - fold.seq
        await add(workspace, fold, await events_between(workspace, profile, fold.seq, until), seq=until)
        if writes and gap > most:
            written = await write_back(workspace, profile, head, fold)
            if written is None:  # somebody else was faster: go on from theirs, where that is further than one had got
                written = await head_of(workspace, profile)
                writes = written is not None and written["seq"] > (head["seq"] if head else 0) and is_ours(written)
                fold = stored_fold(written) if writes else fold
            elif until < seq:
                fold.release()
            head = written
    return fold


async def fold_up_to(workspace: Workspace, profile: bytes, fold: Fold, seq: int) -> Fold:
    """Return columns without what came after the entry `seq`; raises `GoneError`."""
    if fold.seq > seq:
        newer = await events_between(workspace, profile, seq, fold.seq)
        await read_blocks(workspace, fold, sorted(fold.places(newer)))
        fold.remove({event["_id"] for event in newer}, seq=seq)
    return fold


def is_ours(head: HeadDoc | None) -> bool:
    """Return whether this version may replace a head: what a newer one wrote is left to it."""
    return head is None or head["engine"] <= ENGINE


def stored_fold(head: HeadDoc | None, *, anew: bool = False) -> Fold:
    """Return columns as far as they are stored: not at all where they have another form, or are to be made `anew`."""
    if head is None:
        return Fold()
    if anew or head["engine"] != ENGINE:
        return Fold(gen=head["gen"], dropped=[leaf["id"] for leaf in head["leaves"]])
    blocks = [Block(None, leaf["count"], leaf["first"], leaf["last"], leaf["id"]) for leaf in head["leaves"]]
    return Fold(head["seq"], head["gen"], blocks, Columns.read(head["open"]))


def carried(profile: ProfileDoc, fold: Fold) -> list[Any] | None:
    """Return the events that a profile has and its columns have not, if it carries all of them.

    That is so when the entries above the columns' `seq` among `recent` are as many as the two differ by. Those that an
    earlier version wrote have no number.
    """
    events: list[Any] = list(profile["recent"])
    if not all("seq" in event for event in events):
        return None
    above = [event for event in events if event["seq"] > fold.seq]
    return above if profile["eventCount"] - fold.count == len(above) else None


async def add(workspace: Workspace, fold: Fold, events: Sequence[Any], *, seq: int) -> None:
    """Add all events up to the entry `seq`, a portion at a time; others work in between."""
    await read_blocks(workspace, fold, sorted(fold.places(events)))
    for portion in portions(fold, events):
        fold.add(portion, seq=fold.seq)
        await asyncio.sleep(0)
    fold.seq = seq


def portions(fold: Fold, events: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield some of the events at a time, of late ones those of one block: rewriting it takes ten milliseconds."""
    by_place: defaultdict[int, list[Any]] = defaultdict(list)
    for event in events:
        by_place[fold.place_of(event["_id"])].append(event)
    for place in sorted(by_place, reverse=True):
        found = by_place[place]
        for start in range(0, len(found), PORTION):
            yield found[start : start + PORTION]


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
