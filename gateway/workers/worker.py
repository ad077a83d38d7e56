"""The worker of a process: it claims jobs, one at a time, and works on each until it is done or somebody else's."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, NoReturn

import structlog

from gateway.concurrency.tasks import cancel
from gateway.execution.faults import fault
from gateway.workers.loop import RETRY_SECONDS, Loop
from resolvers.imports.running import run_import
from storage.job_leases import Lease, claim, finish, give_back, held_job
from storage.jobs import NOUN, JobDoc, JobKind, JobStatus
from storage.store.bus import Bus
from storage.store.errors import BadInputError, UnavailableError
from storage.store.hints import JOBS, job_channel
from storage.store.ids import to_public
from storage.store.leases import LostLeaseError
from storage.store.mongo import Database
from storage.store.workspace import Workspace

log = structlog.get_logger(__name__)

Run = Callable[[Workspace, Any, Lease, Bus | None], Awaitable[None]]
RUNS: Mapping[JobKind, Run] = {JobKind.IMPORT: run_import}
POLL_SECONDS = 3.0
TELL_SECONDS = 0.25
MOST_TAKEOVERS = 10
BROKEN = "Something went wrong on our side; what was done until then stays done."
DEADLY = "The processes that worked on it ended again and again; what was done until then stays done."


class Worker(Loop):
    """Works on jobs of the kinds that it knows."""

    CHANNELS = (JOBS,)

    def __init__(self, database: Database, bus: Bus | None, *, lease: timedelta) -> None:
        super().__init__(database, bus)
        self._lease = lease

    async def _work(self) -> None:
        """Work on every job that there is, and wait for the next."""
        self._hinted.clear()
        while job := await claim(self._database, list(RUNS), lease=self._lease):
            await self._hold(job)
        await self._wait(POLL_SECONDS)

    async def _hold(self, job: JobDoc) -> None:
        """Work on a job that was claimed, and tell how it went."""
        lease, started = Lease(job["_id"], job["fence"]), time.monotonic()
        telling = asyncio.create_task(self._tell_again_and_again(job))
        status = "LOST"
        try:
            status = await self._finish(job, lease)
        except LostLeaseError:
            pass
        except asyncio.CancelledError:
            status = "GIVEN_BACK"
            await asyncio.shield(self._give_back(lease))
            raise
        finally:
            await cancel(telling)
            id = to_public(NOUN.prefix, job["_id"])
            log.info("job", job=id, kind=job["kind"], status=status, seconds=round(time.monotonic() - started, 3))
            await self._tell(job)

    async def _finish(self, job: JobDoc, lease: Lease) -> JobStatus:
        status, error = JobStatus.SUCCEEDED, None
        try:
            if job["takeovers"] > MOST_TAKEOVERS:
                status, error = JobStatus.FAILED, DEADLY
            else:
                await self._run(job, lease)
        except LostLeaseError:
            raise
        except BadInputError as bad:
            status, error = JobStatus.FAILED, bad.message
        except Exception as broken:  # noqa: BLE001 - it is logged; tried again, it would most likely happen again
            fault(broken)
            status, error = JobStatus.FAILED, BROKEN
        await patiently(lambda: finish(self._database, lease, status, error=error))
        return status

    async def _run(self, job: JobDoc, lease: Lease) -> None:
        """Run a job to its end. While the store does not answer, wait; then go on from where the job says it is."""
        run, workspace = RUNS[job["kind"]], Workspace(self._database, job["workspace"])
        while True:
            try:
                await run(workspace, job, lease, self._bus)
            except UnavailableError:
                await asyncio.sleep(RETRY_SECONDS)
                job = await patiently(lambda: held_job(self._database, lease))
            else:
                return

    async def _give_back(self, lease: Lease) -> None:
        with suppress(UnavailableError):  # then it is taken over when the lease has run out
            await give_back(self._database, lease)
        if self._bus is not None:
            await self._bus.hint({JOBS: ""})

    async def _tell_again_and_again(self, job: JobDoc) -> NoReturn:
        while True:
            await self._tell(job)
            await asyncio.sleep(TELL_SECONDS)

    async def _tell(self, job: JobDoc) -> None:
        if self._bus is not None:
            await self._bus.hint({job_channel(job["_id"]): ""})


async def patiently(work: Callable[[], Awaitable[Any]]) -> Any:
    """Return what `work` returns, as soon as the store answers."""
    while True:
        try:
            return await work()
        except UnavailableError:
            await asyncio.sleep(RETRY_SECONDS)
