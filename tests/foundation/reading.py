"""Plain publishers and readers of Kafka, and subscriptions that note what they were handed."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from foundation.backoff import Backoff
from foundation.clock import Clock, ManualClock, parse_instant
from foundation.kafka import subscribing_broker
from foundation.quarantine import MalformedRecord
from foundation.records import Headers, Record
from foundation.settings import KafkaSettings
from foundation.subscribers import Handle, Subscription

QUICK = Backoff(first=timedelta(milliseconds=50), longest=timedelta(milliseconds=200))


@dataclass
class Notes:
    """A handler that notes values, and is told what to refuse."""

    values: list[bytes | None] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    calls: int = 0

    async def __call__(self, records: Sequence[Record]) -> Collection[MalformedRecord]:
        self.calls += 1
        self.records += records
        self.values += [each.value for each in records]
        return []


def subscription(
    topic: str, handle: Handle, *, clock: Clock | None = None, **options: object
) -> Subscription:
    """A subscription of its own group with a quick backoff."""
    return Subscription(
        **{
            "topic": topic,
            "group": f"{topic}-readers",
            "handle": handle,
            "clock": clock or ManualClock(parse_instant("2026-03-02T12:00Z")),
            "backoff": Backoff(first=QUICK.first, longest=QUICK.longest),
            **options,
        }  # type: ignore[arg-type]
    )


@asynccontextmanager
async def reading(address: str, *subscriptions: Subscription) -> AsyncIterator[None]:
    broker = subscribing_broker(KafkaSettings(bootstrap_servers=address), client_id="test")
    for each in subscriptions:
        each.attach(broker)
    await broker.start()
    try:
        yield
    finally:
        await broker.stop()


async def publish(
    address: str,
    topic: str,
    *values: bytes | None,
    key: bytes | None = None,
    headers: Headers = (),
    partition: int | None = None,
) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=address)
    await producer.start()
    try:
        sent = [
            await producer.send(topic, each, key=key, headers=list(headers), partition=partition)
            for each in values
        ]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def read_all(address: str, topic: str) -> list[ConsumerRecord[bytes | None, bytes | None]]:
    """Return every record of a topic, partition by partition."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=address, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = consumer.assignment()
        ends = await consumer.end_offsets(partitions)
        records: list[ConsumerRecord[bytes | None, bytes | None]] = []
        for partition in sorted(partitions):
            while await consumer.position(partition) < ends[partition]:
                records += (await consumer.getmany(partition, timeout_ms=500)).get(partition, [])
        return records
    finally:
        await consumer.stop()


async def committed(address: str, group: str, topic: str, *, partitions: int = 1) -> int:
    """Return how many records the group has committed, over all partitions."""
    consumer = AIOKafkaConsumer(bootstrap_servers=address, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        all_partitions = [TopicPartition(topic, each) for each in range(partitions)]
        consumer.assign(all_partitions)
        return sum([await consumer.committed(each) or 0 for each in all_partitions])
    finally:
        await consumer.stop()
