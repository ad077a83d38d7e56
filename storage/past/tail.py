"""Reading on: what the journal got since a position, of one profile by `seq`, or of a workspace by time of receipt."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from storage.changes import ChangeDoc
from storage.events import EventDoc
from storage.store.ids import floor_id
from storage.store.mongo import Database, batches
from storage.store.workspace import Workspace

Entry = EventDoc | ChangeDoc
PAGE = 200
# A write tells the time at which it began, and is seen when it commits. So a reader by time looks this far back again.
OVERLAP = timedelta(seconds=15)


async def entries_after(workspace: Workspace, profile: bytes, seq: int, *, limit: int = PAGE) -> list[Entry]:
    """Return the profile's next entries after `seq`, in their order."""
    return await workspace.find("journal", {"profile": profile, "seq": {"$gt": seq}}, sort=[("seq", 1)], limit=limit)


async def seq_of(workspace: Workspace, profile: bytes) -> int | None:
    """Return the number of the profile's latest entry; None when there is no such profile."""
    found = await workspace.find_one("profiles", {"_id": profile}, projection={"seq": 1})
    return found and int(found["seq"])


async def seqs_since(workspace: Workspace, profile: bytes, at: datetime, *, actor: str) -> list[int]:
    """Return the numbers of the entries of changes that the actor with an id has made to a profile since a moment."""
    condition = {"profile": profile, "_id": {"$gte": floor_id(at)}, "actor.id": actor}
    return [entry["seq"] for entry in await workspace.find("journal", condition, projection={"seq": 1})]


async def seqs_of(database: Database, profiles: Sequence[bytes]) -> dict[bytes, int]:
    """Return the number of the latest entry of each profile that there is.

    It takes no workspace, since it is asked about profiles that were found in theirs, and tells nothing else of them.
    """
    found: dict[bytes, int] = {}
    for batch in batches(profiles):
        documents = await database.find("profiles", {"_id": {"$in": list(batch)}}, projection={"seq": 1})
        found.update({document["_id"]: document["seq"] for document in documents})
    return found


async def entries_since(workspace: Workspace, arrival: bytes, *, limit: int = PAGE) -> list[Entry]:
    """Return the workspace's next entries after `arrival`, in the order of receipt."""
    return await workspace.find("journal", {"arrival": {"$gt": arrival}}, sort=[("arrival", 1)], limit=limit)


def looked_back(arrival: bytes) -> bytes:
    """Return where to read from so that nothing is missed that was received before `arrival` and committed after it."""
    overlap = int(OVERLAP.total_seconds() * 1000)
    # As long as what it is compared with: MongoDB puts the shorter of two binary values first, whatever they hold.
    return max(0, int.from_bytes(arrival[:6], "big") - overlap).to_bytes(6, "big") + bytes(len(arrival) - 6)
