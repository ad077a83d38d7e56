"""What is told about each operation: its type, its outcome and its time, as numbers, spans and a log line."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache

from prometheus_client import Gauge

from gateway.telemetry.metrics import Metrics
from gateway.telemetry.requests import note
from gateway.telemetry.tracing import Tracing
from storage.credentials import Credential


@dataclass(slots=True)
class Observation:
    """One operation as it becomes known: `type` is `unknown` until it is parsed, `code` that of its first error."""

    type: str = "unknown"
    code: str = "OK"
    document: str | None = None


class Observer:
    """Watches operations for `Metrics` and, where it is configured, `Tracing`."""

    def __init__(self, metrics: Metrics, tracing: Tracing | None = None) -> None:
        self.metrics = metrics
        self._timing = cache(metrics.operation_seconds.labels)
        self._tracing = tracing

    @contextmanager
    def operation(self, credential: Credential) -> Iterator[Observation]:
        """Observe the query or mutation that runs within."""
        started = time.perf_counter()
        seen = Observation()
        try:
            with self._observed(seen, credential, self.metrics.operations_running):
                yield seen
        finally:
            seconds = time.perf_counter() - started
            self._timing(seen.type, seen.code).observe(seconds)

    @contextmanager
    def subscription(self, credential: Credential) -> Iterator[Observation]:
        """Observe the subscription that runs within, for as long as the client stays."""
        seen = Observation()
        with self._observed(seen, credential, self.metrics.subscriptions_open):
            yield seen

    @contextmanager
    def _observed(self, seen: Observation, credential: Credential, running: Gauge) -> Iterator[None]:
        note(credential=credential)
        running.inc()
        with self._tracing.span(seen) if self._tracing else nullcontext():
            try:
                yield
            except (asyncio.CancelledError, GeneratorExit):
                seen.code = "CANCELLED"
                raise
            finally:
                running.dec()
                note(operation=seen.type)
