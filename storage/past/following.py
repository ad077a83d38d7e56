"""Following: which profiles have got so many entries that are not in columns yet, told by the journal's arrivals."""

from collections.abc import Sequence
from typing import Any

from storage.columns.documents import ENGINE, HEADS, LEAVES, head_of
from storage.columns.reading import fold_of, is_ours
from storage.past.tail import looked_back, seqs_of
from storage.store.mongo import batches
from storage.store.workspace import Workspace

# Longer gaps are closed; readers take shorter ones from the journal within a millisecond or two.
MOST_MISSING = 32
PAGE = 1_000
KEYS = {"profile": 1, "seq": 1, "arrival": 1}


async def arrivals_after(workspace: Workspace, arrival: bytes, *, limit: int = PAGE) -> list[Any]:
    """Return what the workspace's next entries are of, in the order of receipt."""
    condition = {"arrival": {"$gt": arrival}}
    return await workspace.find("journal", condition, projection=KEYS, sort=[("arrival", 1)], limit=limit)


async def gaps(workspace: Workspace, entries: Sequence[Any]) -> dict[bytes, int]:
    """Return those of the entries' profiles that miss more than `MOST_MISSING`, and the `seq` that each is at."""
    latest: dict[bytes, int] = {}
    for entry in entries:
        latest[entry["profile"]] = max(entry["seq"], latest.get(entry["profile"], 0))
    long = [profile for profile, seq in latest.items() if seq > MOST_MISSING]
    folded: dict[bytes, int] = {}
    for batch in batches(long):
        keys = {"workspace": 1, "seq": 1, "engine": 1}
        heads = await workspace.by_id(HEADS, batch, projection=keys)
        folded |= {head["_id"]: head["seq"] for head in heads if head["engine"] == ENGINE}
        folded |= {head["_id"]: latest[head["_id"]] for head in heads if not is_ours(head)}
    wanted = [profile for profile in long if latest[profile] - folded.get(profile, 0) > MOST_MISSING]
    return await seqs_of(workspace.database, wanted)


async def close_gap(workspace: Workspace, profile: bytes, seq: int) -> None:
    """Fold a profile's columns up to `seq`, page by page."""
    await fold_of(workspace, profile, await head_of(workspace, profile), seq, most=MOST_MISSING)


def settled(now: bytes, position: bytes) -> bytes:
    """Return up to which position everything can have been seen, of what was read up to one by now."""
    return min(position, looked_back(now))


def is_to_look_back(now: bytes, position: bytes) -> bool:
    """Return whether it is time to read again from a position, for what was committed later than it was begun."""
    return looked_back(looked_back(now)) >= position


async def leaves_after(workspace: Workspace, leaf: bytes, *, before: bytes) -> list[Any]:
    """Return the ids of the next leaves, of those that were made before a moment, and of whom they are."""
    condition = {"_id": {"$gt": leaf, "$lt": before}}
    return await workspace.find(LEAVES, condition, projection={"profile": 1}, sort=[("_id", 1)], limit=PAGE)


async def sweep(workspace: Workspace, leaves: Sequence[Any]) -> int:
    """Delete those of the leaves that no head names, and return how many there were."""
    named: set[bytes] = set()
    for batch in batches(list(dict.fromkeys(leaf["profile"] for leaf in leaves))):
        heads = await workspace.by_id(HEADS, batch, projection={"workspace": 1, "leaves.id": 1})
        named |= {leaf["id"] for head in heads for leaf in head["leaves"]}
    orphans = [leaf["_id"] for leaf in leaves if leaf["_id"] not in named]
    for batch in batches(orphans):
        await workspace.database.delete(LEAVES, {"_id": {"$in": list(batch)}})
    return len(orphans)
