"""What the plumbing knows about itself, put into the metrics every few seconds."""

from foundation import outbox, quarantine
from foundation.caught_up import CaughtUpWatch
from foundation.clock import Clock
from foundation.database import Database
from foundation.metrics import Metrics
from foundation.relay import Relay


class Gauges:
    """Measures the parts of one process; each `measure_` is a tick."""

    def __init__(self, *, metrics: Metrics) -> None:
        self._metrics = metrics
        self._counted: dict[tuple[str, str], int] = {}

    async def measure_database(self, database: Database, clock: Clock) -> None:
        """Set what waits in the outbox and in the quarantine: the same for all replicas."""
        long_ago = clock.now() - quarantine.WAITS_UNSEEN
        async with database.transaction() as connection:
            waiting, _ = await outbox.measure_backlog(connection)
            kept = await quarantine.count_open(connection)
            people = await quarantine.count_waiting(connection, before=long_ago)
        self._metrics.set("outbox_waiting", waiting)
        self._metrics.set("quarantine_people_waiting", people)
        self._metrics.clear("quarantine_open")
        for (topic, reason), records in kept.items():
            self._metrics.set("quarantine_open", records, topic=topic, reason=reason)

    async def measure_relay(self, relay: Relay) -> None:
        """Count what this process published."""
        self._metrics.count("outbox_published_total", self._new("published", "", relay.published))

    async def measure_reading(self, watch: CaughtUpWatch) -> None:
        """Count what a subscription handled, and set how far behind it is on each of its partitions."""
        standing = watch.subscription.standing()
        topic = standing.topic
        self._metrics.count(
            "kafka_records_handled_total", self._new("handled", topic, standing.handled), topic=topic
        )
        self._metrics.count(
            "kafka_records_malformed_total", self._new("malformed", topic, standing.malformed), topic=topic
        )
        self._metrics.set("kafka_reading_stopped", standing.flooded, topic=topic)
        self._metrics.clear("kafka_lag_records", topic=topic)
        for partition, lag in watch.lag.items():
            self._metrics.set("kafka_lag_records", lag, topic=topic, partition=str(partition))

    def _new(self, what: str, topic: str, total: int) -> int:
        """Return how much was added since the last measure; counters take increments."""
        before = self._counted.get((what, topic), 0)
        self._counted[what, topic] = total
        return total - before
