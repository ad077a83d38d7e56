"""A process that only works, on jobs and on columns: it serves nobody, and ends in order when it is told to."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import structlog

from gateway.concurrency.tasks import cancel
from gateway.database import open_database
from gateway.running.process import supervise
from gateway.settings import Settings
from gateway.telemetry import logs
from gateway.workers.all import WORKERS
from storage.store.bus import Bus

log = structlog.get_logger(__name__)


def work(settings: Settings, mongodb_uri: str) -> None:
    """Work until SIGTERM or SIGINT; what is at hand then is given back, and another process goes on."""
    logs.configure(settings)
    supervise(work_until_cancelled(settings, mongodb_uri))


async def work_until_cancelled(settings: Settings, mongodb_uri: str) -> None:
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings, mongodb_uri))
        bus = None
        if settings.redis_url is not None:
            bus = Bus.connect(settings.redis_url.get_secret_value(), timeout=settings.store_timeout)
            stack.push_async_callback(bus.close)
        lease = timedelta(seconds=settings.job_lease_seconds)
        working = [asyncio.create_task(kind(database, bus, lease=lease).run()) for kind in WORKERS]
        stack.push_async_callback(cancel, *working)
        log.info("working")
        await asyncio.gather(*working)
