"""Batches of records from Kafka, handed to a step at least once and never lost.

What FastStream does by itself and what is done about it here: its default commits before the work, a
refused batch comes back at once and for ever, records with null or odd headers vanish, and a rebalance
starts the same work elsewhere while ours still runs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage
from faststream.message import AckStatus

from foundation.backoff import Backoff
from foundation.clock import Clock
from foundation.flood import FloodGuard
from foundation.offsets import Partition, next_offsets
from foundation.quarantine import MalformedRecord
from foundation.records import Record

#: The work on a batch: durable when it returns, tolerant of records seen before. It returns the
#: records it could not read, which it has kept itself.
Handle = Callable[[Sequence[Record]], Awaitable[Collection[MalformedRecord]]]

_SHORTEST_WAIT_MS = 20  # FastStream waits twice as long as this for news: it is latency
_HANDLER_ENDS_WITHIN_MS = 60_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a subscription is doing: what health and metrics look at."""

    topic: str
    running: bool
    flooded: bool
    failing_since: datetime | None
    handled: int
    malformed: int


class Subscription:
    """One topic read by one consumer group, in batches, each either done and committed or read again.

    A batch whose handler raises is handed over again after a pause that grows. A rebalance waits for
    the batch in hand and its commit. After `flood_limit` malformed records in a row nothing more is
    handled or committed until `resume`; the partitions stay ours meanwhile. Only what was committed is read:
    what a producer took back was never said.
    """

    def __init__(
        self,
        *,
        topic: str,
        group: str,
        handle: Handle,
        clock: Clock,
        max_records: int = 500,
        flood_limit: int = 100,
        backoff: Backoff | None = None,
    ) -> None:
        self.topic = topic
        self.group = group
        self.max_records = max_records
        #: The next offset to be handled, of each partition worked on since it was assigned.
        self.following: dict[Partition, int] = {}
        #: How many batches were begun; it tells a watcher whether anything happened in between.
        self.begun = 0
        self._handle = handle
        self._clock = clock
        self._flood = FloodGuard(flood_limit)
        self._backoff = backoff or Backoff()
        self._subscriber: Any = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._revoking = asyncio.Event()
        self._failing_since: datetime | None = None
        self._handled = 0
        self._malformed = 0

    def attach(self, broker: KafkaBroker) -> None:
        """Have the broker read the topic for us, from its start on and no further than it is told."""
        self._subscriber = broker.subscriber(
            self.topic,
            group_id=self.group,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            batch=True,
            max_records=self.max_records,
            batch_timeout_ms=_SHORTEST_WAIT_MS,
            # FastStream's Kafka default is ACK_FIRST: commit before work, lose on crash.
            ack_policy=AckPolicy.NACK_ON_ERROR,
            parser=self._parse,
            decoder=_undecoded,
            listener=_Drain(self),
            rebalance_timeout_ms=_HANDLER_ENDS_WITHIN_MS,
            # Members learn of a newcomer by their next heartbeat; until then it waits, and so does its start.
            heartbeat_interval_ms=1_000,
        )
        self._subscriber(self._on_batch)

    @property
    def consumer(self) -> AIOKafkaConsumer | None:
        """The consumer while the broker runs, for watching only."""
        return self._subscriber.consumer if self._subscriber else None

    @property
    def busy(self) -> bool:
        """Whether a batch is in hand."""
        return not self._idle.is_set()

    @property
    def draining(self) -> bool:
        """Whether a rebalance has begun, and waits for the batch in hand or goes on without one."""
        return self._revoking.is_set()

    def standing(self) -> Standing:
        return Standing(
            topic=self.topic,
            running=self.consumer is not None,
            flooded=self._flood.flooded,
            failing_since=self._failing_since,
            handled=self._handled,
            malformed=self._malformed,
        )

    @property
    def topic_is_there(self) -> bool:
        """Whether Kafka has the topic, as far as the consumer knows."""
        return self.consumer is not None and bool(self.consumer.partitions_for_topic(self.topic))

    async def last(self, stop: asyncio.Event) -> None:
        """Return once nothing reads for us any more, as after a cancellation from within, or at `stop`."""
        told = asyncio.create_task(stop.wait())
        # FastStream begins one that failed anew, but not one that was cancelled.
        while not stop.is_set() and (reads := [task for task in self._subscriber.tasks if not task.done()]):
            await asyncio.wait([told, *reads], return_when=asyncio.FIRST_COMPLETED)
        told.cancel()

    def stop(self) -> None:
        """Handle nothing more until `resume`, as in a flood that another replica met."""
        self._flood.stop()

    def resume(self) -> None:
        """Go on after a flood."""
        self._flood.reset()

    async def drain(self) -> None:
        """Wait for the batch in hand and its commit; a pause after a failure is cut short."""
        self._revoking.set()
        await self._idle.wait()

    def go_on(self) -> None:
        """Begin anew with the partitions just assigned: what was handled elsewhere is not known here."""
        self.following.clear()
        self._revoking.clear()

    async def _parse(
        self, message: tuple[ConsumerRecord[Any, Any], ...], _original: object
    ) -> KafkaAckableMessage:
        """Take records as they are; FastStream's own parser fails on headers that Kafka allows."""
        return KafkaAckableMessage(
            raw_message=message, body=b"", consumer=self.consumer, correlation_id=self.topic
        )

    async def _on_batch(self, message: KafkaAckableMessage) -> None:
        """Settle the whole batch before a rebalance may go on, so that nobody does it twice."""
        self._idle.clear()
        self.begun += 1
        try:
            if await self._work(message.raw_message):
                await self._commit(message)
            else:
                await _read_again(message)
        finally:
            self._idle.set()

    async def _work(self, raw: Sequence[ConsumerRecord[Any, Any]]) -> bool:
        """Handle the records and say whether they are done; if not, pause before they come again."""
        if self._flood.flooded:
            await self._pause(self._backoff.longest)
            return False
        records = [
            Record(
                record.topic, record.partition, record.offset, record.key, record.value, tuple(record.headers)
            )
            for record in raw
        ]
        try:
            malformed = await self._handle(records)
        except Exception as error:  # noqa: BLE001 (the outermost edge of the work)
            await self._note_failure(records, error)
            return False
        self._note_success(records, malformed)
        return True

    def _note_success(self, records: Sequence[Record], malformed: Collection[MalformedRecord]) -> None:
        self._backoff.reset()
        self._failing_since = None
        self._handled += len(records)
        self._malformed += len(malformed)
        self.following.update(next_offsets(records))
        self._flood.watch(records, malformed)
        if self._flood.flooded:
            log.error(
                "too many malformed records in a row, reading stops",
                topic=self.topic,
                limit=self._flood.limit,
            )

    async def _note_failure(self, records: Sequence[Record], error: Exception) -> None:
        pause = self._backoff.next_pause()
        self._failing_since = self._failing_since or self._clock.now()
        log.error(
            "batch failed",
            topic=self.topic,
            partition=records[0].partition,
            first_offset=records[0].offset,
            records=len(records),
            next_attempt_in=pause.total_seconds(),
            exc_info=error,
        )
        await self._pause(pause)

    async def _commit(self, message: KafkaAckableMessage) -> None:
        """Commit what was handled and no more: FastStream would commit wherever fetching stands."""
        # Either way it is settled here, and FastStream must not do it again.
        message.committed = AckStatus.ACKED
        following = next_offsets(message.raw_message)
        try:
            consumer: Any = message.consumer
            await consumer.commit(
                {TopicPartition(*partition): offset for partition, offset in following.items()}
            )
        except (KafkaError, IllegalStateError) as error:
            # The work is done and will be recognized when it is read again.
            log.warning("offsets not committed", topic=self.topic, error=type(error).__name__)

    async def _pause(self, pause: timedelta) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._revoking.wait(), pause.total_seconds())


class _Drain(ConsumerRebalanceListener):  # type: ignore[misc]  # it has no types
    """Lets a rebalance begin only when nothing is in hand."""

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription

    async def on_partitions_revoked(self, revoked: object) -> None:
        await self._subscription.drain()

    async def on_partitions_assigned(self, assigned: object) -> None:
        self._subscription.go_on()


async def _undecoded(message: KafkaAckableMessage) -> KafkaAckableMessage:
    return message


async def _read_again(message: KafkaAckableMessage) -> None:
    try:
        await message.nack()
    except IllegalStateError:
        # The partitions are no longer ours; their next owner begins at the last commit.
        message.committed = AckStatus.NACKED
