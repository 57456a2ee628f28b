"""The way through a real Kafka: published to topics of the demo's own, read back, and handed to ingest."""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from foundation.intake import Intake
from foundation.kafka import client_options
from foundation.records import Record
from foundation.settings import KafkaSettings
from outreach.demo.weeks import Deliver
from outreach.planning.inputs import CONSUMED
from schemas.envelope import Event


@asynccontextmanager
async def through_kafka(address: str, intake: Intake[Event]) -> AsyncIterator[Deliver]:
    """Yield a delivery that returns once ingest has handled every record it read back from Kafka.

    The topics are the demo's own, so that no other service takes fiction for fact; they are deleted
    at the end.
    """
    settings = KafkaSettings(bootstrap_servers=address)
    names = {
        f"outreach-demo-{secrets.token_hex(3)}.{consumed.topic}": consumed.topic for consumed in CONSUMED
    }
    admin = AIOKafkaAdminClient(**client_options(settings))
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, 1, 1) for name in names])
        producer = AIOKafkaProducer(**client_options(settings), acks="all", linger_ms=1)
        consumer = AIOKafkaConsumer(*names, **client_options(settings), auto_offset_reset="earliest")
        async with producer, consumer:
            yield _Way(producer, consumer, intake, names).deliver
    finally:
        await admin.delete_topics(list(names))
        await admin.close()


class _Way:
    def __init__(
        self,
        producer: AIOKafkaProducer,
        consumer: AIOKafkaConsumer,
        intake: Intake[Event],
        names: dict[str, str],
    ) -> None:
        self._producer = producer
        self._consumer = consumer
        self._intake = intake
        self._topics = names
        self._names = {topic: name for name, topic in names.items()}

    async def deliver(self, records: Sequence[Record]) -> None:
        for record in records:
            await self._producer.send(
                self._names[record.topic], key=record.key, value=record.value, headers=list(record.headers)
            )
        await self._producer.flush()
        left = len(records)
        while left > 0:
            polled = await self._consumer.getmany(timeout_ms=1000)
            read = [
                Record(
                    self._topics[record.topic],
                    record.partition,
                    record.offset,
                    record.key,
                    record.value,
                    tuple(record.headers),
                )
                for batch in polled.values()
                for record in batch
            ]
            if read:
                await self._intake.handle(read)
            left -= len(read)
