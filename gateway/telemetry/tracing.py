"""Spans for OpenTelemetry, where a collector is configured; they hold types, codes and times, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from gateway.settings import Settings
from gateway.telemetry.requests import exchange

try:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
    from opentelemetry.trace import SpanKind, Status, StatusCode
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
except ImportError:  # the extra `otel` is not installed
    INSTALLED = False
else:
    INSTALLED = True

if TYPE_CHECKING:
    from gateway.execution.observation import Observation

EXPORT_SECONDS = 2  # for a batch with its retries, and so the most that a dead collector delays the end of the process
FAULTS = {"INTERNAL", "UNAVAILABLE", "OPERATION_TIMEOUT"}


class Tracing:
    """One span for each operation, a child of the trace that the request's `traceparent` names."""

    def __init__(self, exporter: "SpanExporter") -> None:
        self._provider = TracerProvider(resource=Resource.create({"service.name": "profile-gateway"}))
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("gateway")
        self._propagator = TraceContextTextMapPropagator()

    @classmethod
    def connect(cls, settings: Settings) -> Self | None:
        """Return tracing to the collector of the settings, or None without one."""
        if settings.otel_endpoint is None:
            return None
        if not INSTALLED:
            raise RuntimeError("GATEWAY_OTEL_ENDPOINT is set: install the extra, pip install 'profile-gateway[otel]'.")
        endpoint = settings.otel_endpoint.rstrip("/") + "/v1/traces"
        return cls(OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_SECONDS))

    @contextmanager
    def span(self, seen: "Observation") -> Iterator[None]:
        """Trace the operation that runs within, and describe it as it was seen in the end."""
        request = exchange.get()
        carrier = {"traceparent": request.traceparent} if request and request.traceparent else {}
        span = self._tracer.start_span(
            "graphql", context=self._propagator.extract(carrier), kind=SpanKind.SERVER, record_exception=False
        )
        try:
            yield
        finally:
            span.update_name(f"graphql {seen.type}")
            span.set_attribute("graphql.operation.type", seen.type)
            span.set_attribute("gateway.code", seen.code)
            if seen.document is not None:
                span.set_attribute("graphql.document.hash", seen.document)
            if seen.code in FAULTS:
                span.set_status(Status(StatusCode.ERROR))
            span.end()

    def close(self) -> None:
        """Send what is left, and stop."""
        self._provider.shutdown()
