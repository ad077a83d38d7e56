"""OpenTelemetry spans, where a collector is configured; they hold types, codes and times, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from gateway.settings import Settings
from gateway.telemetry.records import Observation, current_exchange

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
    def span(self, observation: Observation) -> Iterator[None]:
        """Trace the operation that runs within; its observation is read at the end."""
        exchange = current_exchange.get()
        carrier = {"traceparent": exchange.traceparent} if exchange and exchange.traceparent else {}
        span = self._tracer.start_span(
            "graphql", context=self._propagator.extract(carrier), kind=SpanKind.SERVER, record_exception=False
        )
        try:
            yield
        finally:
            span.update_name(f"graphql {observation.type}")
            span.set_attribute("graphql.operation.type", observation.type)
            span.set_attribute("gateway.code", observation.code)
            if observation.document is not None:
                span.set_attribute("graphql.document.hash", observation.document)
            if observation.code in FAULTS:
                span.set_status(Status(StatusCode.ERROR))
            span.end()

    def close(self) -> None:
        """Send what is left, and stop."""
        self._provider.shutdown()
