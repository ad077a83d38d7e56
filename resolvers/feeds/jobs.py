"""Feeds of jobs: one for each job that somebody in the process follows, all of them looked at together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import NoReturn

from storage.jobs import JobDoc, jobs_by_id, moved
from storage.store.errors import UnavailableError
from storage.store.hints import job_channel
from storage.store.mongo import Database
from storage.store.workspace import Workspace

POLL_SECONDS = 1.0
PAUSE_SECONDS = 0.1  # between looks, however many hints there are

JobFollower = Callable[[JobDoc], None]


class JobFeed:
    """A job as it was last seen; followers are called, without waiting, when it has moved."""

    def __init__(self, job: JobDoc) -> None:
        self.job = job
        self.users = 0
        self._followers: set[JobFollower] = set()

    def follow(self, follower: JobFollower) -> Callable[[], None]:
        """Call `follower` with the job as it becomes until the function that this returns is called."""
        self._followers.add(follower)
        return lambda: self._followers.discard(follower)

    def tell(self, job: JobDoc) -> None:
        if job["version"] > self.job["version"]:
            self.job = job
            for follower in list(self._followers):
                follower(job)


class JobFeeds:
    """Feeds by the ids of their jobs. One query a second, or when a hint says so, finds out which have moved.

    `heard` and `unheard` are called with the channels of hints that are of use, and of use no more.
    """

    def __init__(self, database: Database, *, heard: Callable[[str], None], unheard: Callable[[str], None]) -> None:
        self._database = database
        self._heard = heard
        self._unheard = unheard
        self._feeds: dict[bytes, JobFeed] = {}
        self._look = asyncio.Event()

    def __len__(self) -> int:
        return len(self._feeds)

    @asynccontextmanager
    async def job(self, workspace: Workspace, id: bytes) -> AsyncIterator[JobFeed | None]:
        """Give the feed of a job, which stays until the last user leaves; None when there is no such job."""
        feed = self._feeds.get(id)
        if feed is None:
            found = await jobs_by_id(workspace, [id])
            feed = self._feeds.setdefault(id, JobFeed(found[0])) if found else None
        if feed is None or feed.job["workspace"] != workspace.id:
            yield None
            return
        feed.users += 1
        self._heard(job_channel(id))
        try:
            yield feed
        finally:
            feed.users -= 1
            if not feed.users:
                del self._feeds[id]
                self._unheard(job_channel(id))

    def wake(self) -> None:
        """Look soon: some job may have moved."""
        self._look.set()

    async def run(self) -> NoReturn:
        """Look again and again, until this is cancelled; a store that is away is waited for."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._look.wait()
            self._look.clear()
            with suppress(UnavailableError):
                await self._tell()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _tell(self) -> None:
        known = {id: feed.job["version"] for id, feed in self._feeds.items()}
        for job in await moved(self._database, known) if known else ():
            if feed := self._feeds.get(job["_id"]):
                feed.tell(job)
