"""Leases of jobs: which process works on which, claimed as all leases are (`storage/store/leases.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from storage.jobs import JobDoc, JobKind, JobStatus, ending
from storage.store import leases
from storage.store.errors import UnavailableError
from storage.store.leases import LostLeaseError
from storage.store.mongo import Database, Document, Session, Sort

LONGEST_AGO: Sort = [("renewedAt", 1)]
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a job, for as long as nobody else claims it."""

    job: bytes
    fence: int

    @property
    def held(self) -> Document:
        return {"_id": self.job, "fence": self.fence, "status": JobStatus.RUNNING}


async def claim(database: Database, kinds: Sequence[JobKind], *, lease: timedelta) -> JobDoc | None:
    """Claim a job that no living process works on: one whose holder fell silent, else the one that waits for longest.

    The document comes with its content. None when there is nothing to do.
    """
    of_kinds = {"kind": {"$in": list(kinds)}}
    silent = {**of_kinds, "status": JobStatus.RUNNING, "renewedAt": {"$lt": await database.now() - lease}}
    try:
        taken = await claim_first(database, silent)
    except UnavailableError:
        taken = None  # the store may hold it for the transaction of a process that was killed; others can be done
    return taken or await claim_first(database, {**of_kinds, "status": JobStatus.QUEUED})


async def claim_first(database: Database, condition: Document) -> JobDoc | None:
    """Claim the first job that a condition finds; when somebody was faster, the next one."""
    keys = {"fence": 1, "status": 1, "renewedAt": 1, "startedAt": 1}
    for _ in range(ATTEMPTS):
        found = await database.find("jobs", condition, projection=keys, sort=LONGEST_AGO, limit=1)
        if not found:
            return None
        (job,) = found
        seen = {key: job[key] for key in ("_id", "fence", "status", "renewedAt")}
        update = {
            "$set": {"status": JobStatus.RUNNING, "startedAt": job["startedAt"] or datetime.now(UTC)},
            "$inc": {"version": 1, "takeovers": int(job["status"] == JobStatus.RUNNING)},
        }
        if await leases.claimed(database, "jobs", seen, update):
            return await held_job(database, Lease(job["_id"], job["fence"] + 1))
    return None


async def held_job(database: Database, lease: Lease) -> JobDoc:
    """Return a job with its content, as far as it has got; raises `LostLeaseError`."""
    found: Any = await database.find_one("jobs", lease.held)
    if found is None:
        raise LostLeaseError
    job: JobDoc = found
    return job


async def advance(
    database: Database, lease: Lease, *, done: int, counted: str, add: Document, session: Session = None
) -> None:
    """Record the step after the first `done` ones, under a name of the result, and renew the lease.

    `add` are further operators of the update. In the transaction of the step itself the step is done exactly once.
    Raises `LostLeaseError` when it is not this process's to do.
    """
    update = {
        **add,
        "$set": {"takeovers": 0, **add.get("$set", {})},
        "$inc": {"done": 1, "version": 1, f"result.{counted}": 1},
        **leases.RENEWED,
    }
    if not await write(database, {**lease.held, "done": done}, update, session=session):
        raise LostLeaseError


async def finish(database: Database, lease: Lease, status: JobStatus, *, error: str | None = None) -> None:
    """End a job that this process works on; `error` is for people and says nothing of persons."""
    if not await write(database, lease.held, ending(status, now=datetime.now(UTC), error=error)):
        raise LostLeaseError


async def give_back(database: Database, lease: Lease) -> None:
    """Let another process go on with a job, at once."""
    await write(database, lease.held, {"$set": {"status": JobStatus.QUEUED}, "$inc": {"version": 1}})


async def write(database: Database, condition: Document, update: Document, *, session: Session = None) -> bool:
    """Update a job, and return whether the condition was true of it."""
    return await leases.write(database, "jobs", condition, update, session=session)
