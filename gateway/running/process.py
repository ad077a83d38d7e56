"""The process of a gateway, which ends in order when it is told to."""

import asyncio
import gc
import signal
from collections.abc import Coroutine
from typing import Any

import uvloop

from gateway.app import create_app
from gateway.running.server import listen, serve_until_cancelled
from gateway.settings import Settings
from gateway.telemetry import logs

YOUNG_OBJECTS = 20_000


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, over stores that the settings name."""
    logs.configure(settings)
    with listen(settings.host, settings.port) as listener:
        supervise(serve_until_cancelled(settings, create_app(settings), listener))


def supervise(work: Coroutine[Any, Any, None]) -> None:
    """Run `work`, and cancel it when the process is told to stop."""

    async def main() -> None:
        task = asyncio.ensure_future(work)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()

    relieve_collector()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def relieve_collector() -> None:
    """Collect garbage less often, and never among what lives as long as the process.

    With thousands of connections open it would otherwise take up to half of the time of executing operations.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
