"""Metrics, a span and a log entry for each operation: its type, its outcome and its time."""

import asyncio
import time
from collections.abc import Callable
from functools import cache
from types import TracebackType

from prometheus_client import Gauge, Histogram

from gateway.telemetry.metrics import Metrics
from gateway.telemetry.records import Observation, note
from gateway.telemetry.tracing import Tracing
from storage.credentials import Credential


class Observer:
    """Observes operations for `Metrics` and, where it is configured, `Tracing`."""

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

    __slots__ = ("_observation", "_running", "_span", "_started", "_timing")

    def __init__(
        self,
        credential: Credential,
        running: Gauge,
        tracing: Tracing | None,
        *,
        timing: Callable[[str, str], Histogram] | None = None,
    ) -> None:
        note(credential=credential)
        self._observation = Observation()
        self._running = running
        self._timing = timing
        self._span = tracing.span(self._observation) if tracing else None

    def __enter__(self) -> Observation:
        self._started = time.perf_counter()
        self._running.inc()
        if self._span is not None:
            self._span.__enter__()
        return self._observation

    def __exit__(
        self, type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        observation = self._observation
        if isinstance(error, asyncio.CancelledError | GeneratorExit):
            observation.code = "CANCELLED"
        self._running.dec()
        note(operation=observation.type)
        if self._timing is not None:
            self._timing(observation.type, observation.code).observe(time.perf_counter() - self._started)
        if self._span is not None:
            self._span.__exit__(type, error, traceback)
