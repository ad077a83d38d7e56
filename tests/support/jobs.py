"""Jobs of the tests: queued as the API queues them, and worked on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from gateway.concurrency.tasks import cancel
from gateway.workers.worker import Worker
from resolvers.imports.content import count_rows
from storage.imports import ImportColumn, ImportFormat, ImportInput, no_result
from storage.jobs import UNFINISHED, JobDoc, JobKind, create_job, jobs_by_id, new_job
from storage.store.bus import Bus
from storage.store.ids import whole_milliseconds
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from tests.support.factories import TESTER

LEASE = timedelta(seconds=30)
PATIENCE = 60.0


def people(number: int) -> str:
    """Return CSV of people, one a row."""
    return "\n".join(["customId,firstName", *(f"C-{place},Ann" for place in range(number))])


async def an_import(
    workspace: Workspace,
    content: str,
    *,
    format: ImportFormat = ImportFormat.CSV,
    columns: Sequence[ImportColumn] = (),
    user: str = "Eve",
) -> JobDoc:
    """Return an import that waits for a worker."""
    input: ImportInput = {"format": format, "columns": list(columns), "region": None}
    job = new_job(
        workspace,
        JobKind.IMPORT,
        actor={**TESTER.document(), "onBehalfOf": user},
        total=await count_rows(content, format, columns),
        input=input,
        result=no_result(),
        now=whole_milliseconds(datetime.now(UTC)),
    )
    await create_job(workspace, job, content, session=None)
    return job


async def seen(workspace: Workspace, job: JobDoc) -> JobDoc:
    """Return a job as it is."""
    (found,) = await jobs_by_id(workspace, [job["_id"]])
    return found


async def until_finished(workspace: Workspace, job: JobDoc) -> JobDoc:
    async with asyncio.timeout(PATIENCE):
        while (found := await seen(workspace, job))["status"] in UNFINISHED:
            await asyncio.sleep(0.02)
    return found


@asynccontextmanager
async def working(database: Database, bus: Bus | None = None, *, lease: timedelta = LEASE) -> AsyncIterator[None]:
    """Work on jobs while the block runs."""
    task = asyncio.create_task(Worker(database, bus, lease=lease).run())
    try:
        yield
    finally:
        await cancel(task)
