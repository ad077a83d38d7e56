"""`job`: a job as it is, and again whenever it has moved, until it is finished."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from typing import TypedDict

from resolvers.context import Context
from resolvers.feeds.jobs import JobFeed
from resolvers.jobs import is_finished
from resolvers.live.sources import hub_of
from resolvers.live.stream import Payload, Sink, Stream
from resolvers.privacy import require_reading
from storage.jobs import NOUN, JobDoc
from storage.store.errors import ErrorCode, GatewayError
from storage.store.ids import from_public


class JobProgressDoc(TypedDict):
    """The job as stored."""

    job: JobDoc


class JobStream(Stream):
    """The job first, then each time that it was seen to have moved; the last payload is the finished job."""

    def __init__(self, using: AsyncExitStack, feed: JobFeed) -> None:
        super().__init__(using)
        self._feed = feed

    async def missed(self) -> AsyncGenerator[Payload, None]:
        told = -1
        while told < self._feed.job["version"]:
            told = self._feed.job["version"]
            yield message(self._feed.job)

    def follow(self, sink: Sink) -> Callable[[], None]:
        return self._feed.follow(lambda job: sink(message(job)))


def message(job: JobDoc) -> Payload:
    content: JobProgressDoc = {"job": job}
    return Payload(content, position=job["version"], is_last=is_finished(job))


async def job_progress(context: Context, id: str) -> Stream:
    """Follow a job to its end; raises NOT_FOUND for one outside the workspace."""
    hub = hub_of(context)
    require_reading(context, NOUN)
    prefix, key = from_public(id, argument="id")
    async with AsyncExitStack() as using:
        feed = None
        if prefix == NOUN.prefix:
            feed = await using.enter_async_context(hub.jobs.job(context.workspace, key))
        if feed is None:
            raise GatewayError("There is no job with this id.", code=ErrorCode.NOT_FOUND, argument="id")
        return JobStream(using.pop_all(), feed)
