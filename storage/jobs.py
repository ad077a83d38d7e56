"""Jobs: slow work that somebody asked for, whatever its kind; each is a document that tells how far it has got."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NotRequired, TypedDict

from storage.actors import ActorDoc
from storage.credentials import Scope
from storage.declaration import Noun
from storage.store.collections import Collection, Erasure, Index
from storage.store.ids import time_id
from storage.store.mongo import Database, Document, Session
from storage.store.pages import Page, PageRequest, keyset
from storage.store.refusals import UserErrorCode, refuse
from storage.store.workspace import Workspace

MOST_UNFINISHED = 100
KEPT = timedelta(days=30)


class JobKind(StrEnum):
    """What a job does."""

    IMPORT = "IMPORT"


class JobStatus(StrEnum):
    """Where a job stands."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)


class JobDoc(TypedDict):
    """A job. `input` and `result` are its kind's own.

    `content` is what its input has of persons: only who works on it reads it, and it goes when the job ends. `fence`
    counts how often the job was claimed, `takeovers` how often since its last step from a process that fell silent.
    `renewedAt` is when its holder last wrote, by the store's clock, and when it was queued before it had one. `version`
    counts writes, so that followers know what is news.
    """

    _id: bytes
    workspace: str
    kind: JobKind
    status: JobStatus
    actor: ActorDoc
    done: int
    total: int
    error: str | None
    createdAt: datetime
    startedAt: datetime | None
    finishedAt: datetime | None
    expiresAt: datetime
    fence: int
    takeovers: int
    renewedAt: datetime
    version: int
    input: Mapping[str, Any]
    result: Mapping[str, Any]
    content: NotRequired[str]


# A job that nobody works on expires as well, for the sake of its content. The third index finds what waits, and
# what its holder left.
NOUN = Noun(
    type="Job",
    prefix="job",
    scope=Scope.PROFILES_READ,
    collection=Collection(
        name="jobs",
        erasure=Erasure.EXPIRES,
        required={
            "_id": "binData",
            "workspace": "string",
            "kind": "string",
            "status": "string",
            "actor": "object",
            "done": ["int", "long"],
            "total": ["int", "long"],
            "error": ["string", "null"],
            "createdAt": "date",
            "startedAt": ["date", "null"],
            "finishedAt": ["date", "null"],
            "expiresAt": "date",
            "fence": ["int", "long"],
            "takeovers": ["int", "long"],
            "renewedAt": "date",
            "version": ["int", "long"],
            "input": "object",
            "result": "object",
        },
        indexes=(
            Index([("workspace", 1), ("_id", -1)]),
            Index([("workspace", 1), ("status", 1)]),
            Index([("status", 1), ("renewedAt", 1)]),
            Index([("expiresAt", 1)], expire_after=0),
        ),
    ),
)
SHOWN = dict.fromkeys(NOUN.collection.required, 1)  # all but the content, which may be large and is nobody's to see


def new_job(
    workspace: Workspace,
    kind: JobKind,
    *,
    actor: ActorDoc,
    total: int,
    input: Mapping[str, Any],
    result: Mapping[str, Any],
    now: datetime,
) -> JobDoc:
    """Return a job that waits for a worker; `total` is how many steps it has."""
    return {
        "_id": time_id(now),
        "workspace": workspace.id,
        "kind": kind,
        "status": JobStatus.QUEUED,
        "actor": actor,
        "done": 0,
        "total": total,
        "error": None,
        "createdAt": now,
        "startedAt": None,
        "finishedAt": None,
        "expiresAt": now + KEPT,
        "fence": 0,
        "takeovers": 0,
        "renewedAt": now,
        "version": 1,
        "input": input,
        "result": result,
    }


async def create_job(workspace: Workspace, job: JobDoc, content: str, *, session: Session) -> None:
    """Queue a job with its content, unless too many wait already; two at once may pass the limit together."""
    unfinished = {"status": {"$in": list(UNFINISHED)}}
    waiting = await workspace.find("jobs", unfinished, projection={"_id": 1}, limit=MOST_UNFINISHED, session=session)
    if len(waiting) >= MOST_UNFINISHED:
        message = f"{MOST_UNFINISHED} jobs of this workspace are not finished, which is the limit; wait for one."
        raise refuse(UserErrorCode.TOO_MANY, [], message)
    await workspace.database.insert("jobs", [{**job, "content": content}], session=session)


async def cancel_job(workspace: Workspace, id: bytes, *, now: datetime, session: Session) -> None:
    """End a job that is not finished; who works on it learns so by its next write, which is refused."""
    unfinished = workspace.own({"_id": id, "status": {"$in": list(UNFINISHED)}})
    await workspace.database.update("jobs", unfinished, ending(JobStatus.CANCELLED, now=now), session=session)


def ending(status: JobStatus, *, now: datetime, error: str | None = None) -> Document:
    """Return the update that ends a job: it is kept for a while, without its content."""
    ended = {"status": status, "error": error, "finishedAt": now, "expiresAt": now + KEPT}
    return {"$set": ended, "$unset": {"content": ""}, "$inc": {"version": 1}}


async def jobs_by_id(workspace: Workspace, ids: Sequence[bytes], *, session: Session = None) -> list[JobDoc]:
    """Return those of the jobs that exist, in no order."""
    return await workspace.by_id("jobs", ids, projection=SHOWN, session=session)


async def list_jobs(workspace: Workspace, page: PageRequest) -> Page[JobDoc]:
    """Return one page of the workspace's jobs, newest first."""
    return await keyset(workspace, "jobs", {}, key="_id", page=page, descending=True, projection=SHOWN)


async def moved(database: Database, known: Mapping[bytes, int]) -> list[JobDoc]:
    """Return those of some jobs, of any workspace, that were written since they had this version."""
    versions = await database.find("jobs", {"_id": {"$in": list(known)}}, projection={"version": 1})
    newer = [job["_id"] for job in versions if job["version"] > known[job["_id"]]]
    return await database.find("jobs", {"_id": {"$in": newer}}, projection=SHOWN) if newer else []  # type: ignore[return-value]
