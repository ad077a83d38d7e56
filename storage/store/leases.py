"""Leases: which process works on what, so that any number share the work and none does harm to another's.

What can be held is a document with `fence` and `renewedAt`. A claim raises the fence, and whoever works writes on
condition of the fence that it was given: a process that hung and comes back finds its writes refused. So a lease that
ends too early costs work, and nothing else.

Whether a lease has run out is a comparison of two times of the store's own clock: each write of a holder has its server
set `renewedAt`, and who looks asks the server for its time. No worker's clock takes part. Behind several routers, or
after a failover, these are the clocks of two servers; what they differ by makes the lease as much longer or shorter.
"""

from collections.abc import Mapping
from typing import Any

from storage.store.mongo import Database, Document, Session

PATIENCE = 3.0
RENEWED: Mapping[str, Any] = {"$currentDate": {"renewedAt": True}}


class LostLeaseError(Exception):
    """Raised where somebody works: what is worked on is no more, or another process has it now."""


async def claimed(database: Database, collection: str, seen: Document, update: Document) -> bool:
    """Claim a document where it still is as it was seen, its fence included; False when somebody was faster."""
    raised = {**update.get("$inc", {}), "fence": 1}
    return await write(database, collection, seen, {**update, **RENEWED, "$inc": raised})


async def write(
    database: Database, collection: str, condition: Document, update: Document, *, session: Session = None
) -> bool:
    """Update a document that can be held, and return whether the condition was true of it.

    Always in a transaction, the one of `session` or one of its own: a plain write would wait at the server for as long
    as it keeps a killed process's transaction open, and the stand-in keeps that for as long as somebody waits.
    """

    async def body(session: Session) -> int:
        return await database.update(collection, condition, update, session=session)

    return bool(await (body(session) if session else database.transaction(body, patience=PATIENCE)))
