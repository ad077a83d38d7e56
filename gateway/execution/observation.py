"""What is told about each operation: its type, its outcome and its time, as numbers, spans and a log line."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import TracebackType

from prometheus_client import Gauge, Histogram

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

    def operation(self, credential: Credential) -> "Observed":
        """Observe the query or mutation that runs within."""
        return Observed(credential, self.metrics.operations_running, self._tracing, timing=self._timing)

    def subscription(self, credential: Credential) -> "Observed":
        """Observe the subscription that runs within, for as long as the client stays."""
        return Observed(credential, self.metrics.subscriptions_open, self._tracing)


class Observed:
    """The context of one operation; a class, since there is one for each request and a generator costs more."""

    __slots__ = ("_running", "_seen", "_span", "_started", "_timing")

    def __init__(
        self,
        credential: Credential,
        running: Gauge,
        tracing: Tracing | None,
        *,
        timing: Callable[[str, str], Histogram] | None = None,
    ) -> None:
        note(credential=credential)
        self._seen = Observation()
        self._running = running
        self._timing = timing
        self._span = tracing.span(self._seen) if tracing else None

    def __enter__(self) -> Observation:
        self._started = time.perf_counter()
        self._running.inc()
        if self._span is not None:
            self._span.__enter__()
        return self._seen

    def __exit__(
        self, type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        seen = self._seen
        if isinstance(error, asyncio.CancelledError | GeneratorExit):
            seen.code = "CANCELLED"
        self._running.dec()
        note(operation=seen.type)
        if self._timing is not None:
            self._timing(seen.type, seen.code).observe(time.perf_counter() - self._started)
        if self._span is not None:
            self._span.__exit__(type, error, traceback)
