"""Numbers for Prometheus. Every metric is declared with its help; labels never hold people's data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=1.0.0; charset=utf-8"

FoundationMetric = Literal[
    "kafka_records_handled_total",  # counter by topic: records done, malformed ones among them
    "kafka_records_malformed_total",  # counter by topic: records kept in the quarantine
    "kafka_reading_stopped",  # gauge by topic: 1 while a flood of malformed records stops reading
    "kafka_lag_records",  # gauge by topic and partition: published, not yet handled
    "outbox_waiting",  # gauge: entries not yet published
    "outbox_published_total",  # counter: entries published by this process
    "quarantine_open",  # gauge by topic and reason: records waiting for somebody
    "quarantine_people_waiting",  # gauge: people whom such a record has held up for over 15 s
    "tick_failures_total",  # counter by tick: runs that raised
    "tick_seconds",  # histogram by tick: how long a run took
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """What a metric counts and by what it is told apart."""

    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()


FOUNDATION: Mapping[FoundationMetric, Metric] = {
    "kafka_records_handled_total": Metric(kind="counter", help="Records handled.", labels=("topic",)),
    "kafka_records_malformed_total": Metric(kind="counter", help="Records quarantined.", labels=("topic",)),
    "kafka_reading_stopped": Metric(
        kind="gauge", help="1 while a flood of malformed records stops reading.", labels=("topic",)
    ),
    "kafka_lag_records": Metric(
        kind="gauge", help="Records published and not yet handled.", labels=("topic", "partition")
    ),
    "outbox_waiting": Metric(kind="gauge", help="Entries of the outbox not yet published."),
    "outbox_published_total": Metric(kind="counter", help="Entries of the outbox published by this process."),
    "quarantine_open": Metric(
        kind="gauge", help="Quarantined records that nobody has decided about.", labels=("topic", "reason")
    ),
    "quarantine_people_waiting": Metric(
        kind="gauge", help="People held up for over 15 s by a record that nobody could read."
    ),
    "tick_failures_total": Metric(kind="counter", help="Runs of a tick that raised.", labels=("tick",)),
    "tick_seconds": Metric(kind="histogram", help="How long a run of a tick took.", labels=("tick",)),
}


class Metrics:
    """The metrics of one process, on a registry of their own: a second one never clashes.

    Using a name that was not declared, or with other labels, raises at once.
    """

    def __init__(self, *, prefix: str, declared: Mapping[str, Metric] | None = None) -> None:
        self._registry = CollectorRegistry()
        self._declared: dict[str, Metric] = {**dict(FOUNDATION.items()), **(declared or {})}
        makers = {"counter": Counter, "gauge": Gauge, "histogram": Histogram}
        self._metrics: dict[str, Counter | Gauge | Histogram] = {
            name: makers[metric.kind](f"{prefix}_{name}", metric.help, metric.labels, registry=self._registry)
            for name, metric in self._declared.items()
        }

    def count(self, name: str, by: float = 1, **labels: str) -> None:
        """Add to a counter."""
        metric = self._find(name, labels)
        assert isinstance(metric, Counter)
        metric.inc(by)

    def set(self, name: str, value: float, **labels: str) -> None:
        """Set a gauge."""
        metric = self._find(name, labels)
        assert isinstance(metric, Gauge)
        metric.set(value)

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Add an observation to a histogram."""
        metric = self._find(name, labels)
        assert isinstance(metric, Histogram)
        metric.observe(value)

    def clear(self, name: str, **labels: str) -> None:
        """Forget the values of a metric, those with these labels, before setting those that hold now."""
        if labels:
            self._metrics[name].remove_by_labels(labels)
        else:
            self._metrics[name].clear()

    def render(self) -> bytes:
        """Return everything as Prometheus reads it; serve it as `CONTENT_TYPE`."""
        return generate_latest(self._registry)

    def _find(self, name: str, labels: Mapping[str, str]) -> Counter | Gauge | Histogram:
        metric = self._metrics[name]
        return metric.labels(**labels) if self._declared[name].labels else metric
