"""Jobs as they are read: one, some, or the workspace's list."""

from collections.abc import Sequence
from typing import Any

from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from resolvers.privacy import require_reading
from storage.imports import ImportProblem
from storage.jobs import NOUN, JobDoc, JobKind, JobStatus, jobs_by_id
from storage.jobs import list_jobs as stored_jobs
from storage.store.ids import from_public
from storage.store.pages import PageRequest

TYPES = {JobKind.IMPORT: "Import"}


class ImportDoc(JobDoc):
    """An import as clients see it: with its counts beside what every job has."""

    created: int
    updated: int
    unchanged: int
    skipped: int
    problems: list[ImportProblem]
    moreProblems: bool  # noqa: N815 - a key of the document


async def find_job(context: Context, id: str) -> dict[str, Any] | None:
    """Return the job with this id; None when there is none, which includes the ids of other things."""
    require_reading(context, NOUN)
    prefix, key = from_public(id, argument="id")
    found = await find_jobs(context, [key]) if prefix == NOUN.prefix else []
    return found[0] if found else None


async def find_jobs(context: Context, ids: Sequence[bytes]) -> list[dict[str, Any]]:
    """Return those of the jobs that exist, in no order."""
    return [shown_job(job) for job in await jobs_by_id(context.workspace, ids)]


async def list_jobs(context: Context, page: PageRequest) -> ConnectionDoc:
    """Return one page of the workspace's jobs, newest first."""
    require_reading(context, NOUN)
    found = await stored_jobs(context.workspace, page)
    return connection(found, items=[shown_job(job) for job in found.items])


def shown_job(job: JobDoc) -> dict[str, Any]:
    """Return a job with its kind's result, marked with its type."""
    return {**job, **job["result"], "__typename": TYPES[job["kind"]]}


def is_finished(job: JobDoc) -> bool:
    return job["status"] not in (JobStatus.QUEUED, JobStatus.RUNNING)
