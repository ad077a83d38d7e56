"""What workers have in common: they work until they are cancelled, whatever fails, and hints wake them."""

import asyncio
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import ClassVar, NoReturn

from gateway.concurrency.tasks import cancel
from gateway.execution.faults import fault
from storage.store.bus import Bus
from storage.store.errors import UnavailableError
from storage.store.hints import Hints
from storage.store.mongo import Database

RETRY_SECONDS = 1.0


class Loop(ABC):
    """Works again and again; without a bus it looks for work every few seconds."""

    CHANNELS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, database: Database, bus: Bus | None) -> None:
        self._database = database
        self._bus = bus
        self._hinted = asyncio.Event()
        self._hints = None if bus is None else Hints(bus, self._hear, lambda channel: self._hear(channel, ""))

    @abstractmethod
    async def _work(self) -> None:
        """Do what there is to do, and wait for more."""

    async def run(self) -> NoReturn:
        """Work until this is cancelled; what is at hand is then given back."""
        listening = asyncio.create_task(self._listen())
        try:
            while True:
                try:
                    await self._work()
                except UnavailableError:
                    await asyncio.sleep(RETRY_SECONDS)
                except Exception as error:  # noqa: BLE001 - it is logged, and other work goes on
                    fault(error)
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            await cancel(listening)

    async def _listen(self) -> None:
        if self._hints is not None:
            for channel in self.CHANNELS:
                self._hints.follow(channel)
            await self._hints.run()

    def _hear(self, channel: str, message: str) -> None:  # noqa: ARG002 - who needs them overrides this
        self._hinted.set()

    async def _wait(self, seconds: float) -> None:
        """Wait for a hint, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hinted.wait()
