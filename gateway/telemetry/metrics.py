"""Prometheus metrics; no label ever holds what a client chose."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from compiler import Lookups
from storage.store.mongo import CommandListener

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Every metric of one process, in a registry of its own."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        self.requests = Counter("gateway_requests", "Requests answered", ["transport", "status"], registry=registry)
        self.request_seconds = Histogram(
            "gateway_request_seconds", "Time to a whole answer", ["transport"], buckets=SECONDS, registry=registry
        )
        self.operation_seconds = Histogram(
            "gateway_operation_seconds",
            "Time of GraphQL operations, by type and by the code of the first error or OK",
            ["type", "code"],
            buckets=SECONDS,
            registry=registry,
        )
        self.errors = Counter("gateway_errors", "Errors in GraphQL responses", ["code"], registry=registry)
        self.operations_running = Gauge("gateway_operations_running", "Operations that run now", registry=registry)
        self.subscriptions_open = Gauge("gateway_subscriptions_open", "Subscriptions that run now", registry=registry)
        self.subscription_events = Counter(
            "gateway_subscription_events", "Results sent to subscriptions", registry=registry
        )
        self.live_feeds = Gauge(
            "gateway_live_feeds", "Profiles and workspaces that somebody follows", registry=registry
        )
        self.live_groups = Gauge(
            "gateway_live_groups", "Different selections that subscribers share", registry=registry
        )
        self.connections_open = Gauge(
            "gateway_connections_open", "WebSockets and event streams that are open", ["transport"], registry=registry
        )
        self.documents = Counter(
            "gateway_documents", "Documents found in the cache, or prepared", ["cache"], registry=registry
        )
        self.store_up = Gauge("gateway_store_up", "Whether a store answers", ["store"], registry=registry)
        self.mongodb_seconds = Histogram(
            "gateway_mongodb_command_seconds",
            "Time of MongoDB commands",
            ["command", "outcome"],
            buckets=SECONDS,
            registry=registry,
        )

    def watch_plans(self, lookups: Lookups, count: Callable[[], int]) -> None:
        """Export how often the plan cache was hit, and its size."""
        self.registry.register(PlanCounts(lookups, count))

    def exposition(self) -> bytes:
        return generate_latest(self.registry)


class PlanCounts(Collector):
    """Counts of plans, which are kept with their documents."""

    def __init__(self, lookups: Lookups, count: Callable[[], int]) -> None:
        self._lookups = lookups
        self._count = count

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("gateway_plans", "Compiled operations in the cache", self._count())
        lookups = CounterMetricFamily("gateway_plan_lookups", "Plans found in the cache, or compiled", labels=["cache"])
        lookups.add_metric(["hit"], self._lookups.hits)
        lookups.add_metric(["miss"], self._lookups.misses)
        yield lookups


class CommandTimer(CommandListener):
    """Times MongoDB's commands; pass it to `Database.connect(listeners=...)`. The driver's threads call it."""

    def __init__(self, metrics: Metrics) -> None:
        self._seconds = cache(metrics.mongodb_seconds.labels)

    def started(self, event: Any) -> None:
        """Do nothing: the event of its end has the duration."""

    def succeeded(self, event: Any) -> None:
        self._seconds(event.command_name, "ok").observe(event.duration_micros / 1e6)

    def failed(self, event: Any) -> None:
        self._seconds(event.command_name, "failed").observe(event.duration_micros / 1e6)
