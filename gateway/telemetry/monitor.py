"""Monitoring of the stores, so that requests fail at once while one does not answer instead of waiting for it."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

import structlog

from gateway.telemetry.logs import outline
from gateway.telemetry.metrics import Metrics
from storage.store.bus import Bus
from storage.store.errors import UnavailableError
from storage.store.mongo import Database

log = structlog.get_logger(__name__)

STRIKES = 2  # one ping that fails may be our own process, busy for a second


class Monitor:
    """Pings MongoDB and Redis while it is entered: `mongodb` and `redis` are whether they answered last.

    `interval` and `timeout` are seconds.
    """

    def __init__(
        self, database: Database, bus: Bus, metrics: Metrics, *, interval: float = 1.0, timeout: float = 1.0
    ) -> None:
        self.mongodb = False
        self.redis = False
        self._metrics = metrics
        self._interval = interval
        self._timeout = timeout
        self._stores: dict[str, Callable[[], Awaitable[None]]] = {"mongodb": database.ping, "redis": bus.ping}
        self._watching: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await asyncio.gather(*(self._look(store) for store in self._stores))
        self._watching = [asyncio.create_task(self._watch(store)) for store in self._stores]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)

    def require_store(self) -> None:
        """Raise `UnavailableError` while MongoDB does not answer. Redis is not needed for reading."""
        if not self.mongodb:
            raise UnavailableError("The profile store does not answer; try again shortly.")

    async def _look(self, store: str) -> None:
        self._note(store, answers=await self._answers(store), first=True)

    async def _watch(self, store: str) -> None:
        strikes = 0
        while True:
            await asyncio.sleep(self._interval)
            answers = await self._answers(store)
            strikes = 0 if answers else strikes + 1
            if answers or strikes >= STRIKES:
                self._note(store, answers=answers)

    async def _answers(self, store: str) -> bool:
        try:
            async with asyncio.timeout(self._timeout):
                await self._stores[store]()
        except (TimeoutError, UnavailableError):
            return False
        except Exception as error:  # noqa: BLE001 - whatever it is, the store does not answer, and monitoring continues
            log.warning("ping_failed", store=store, exception=outline(error))
            return False
        return True

    def _note(self, store: str, *, answers: bool, first: bool = False) -> None:
        self._metrics.store_up.labels(store).set(answers)
        if first or getattr(self, store) != answers:
            setattr(self, store, answers)
            if answers:
                log.info("store_answers", store=store)
            else:
                log.warning("store_away", store=store)
