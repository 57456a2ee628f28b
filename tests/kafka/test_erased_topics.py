"""Once Kafka has compacted `people.v1`, nothing stands there of somebody erased but that they were."""

from datetime import timedelta
from functools import partial

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from foundation.clock import ManualClock
from foundation.database import Database
from foundation.kafka import publishing
from foundation.relay import Relay
from foundation.settings import KafkaSettings
from preferences.desk.erasing import erase
from schemas import topics
from tests.preferences.stories import ADA, EMAIL, NOW, SMS, happened, hears
from tests.support.broker import Broker
from tests.support.eventually import eventually
from tests.support.staff import EVE

#: The topic's own settings, but for how soon: a segment ends at once, and may be compacted at once.
_AT_ONCE = {"segment.ms": "100", "max.compaction.lag.ms": "100", "min.cleanable.dirty.ratio": "0.0"}


async def values_of(kafka: Broker, topic: str) -> list[tuple[bytes, bytes]]:
    """Return what a reader from the beginning finds, as key and value."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka.address, auto_offset_reset="earliest")
    await consumer.start()
    try:
        found: list[tuple[bytes, bytes]] = []
        partition = next(iter(consumer.assignment()))
        ends = (await consumer.end_offsets([partition]))[partition]
        while await consumer.position(partition) < ends:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [(record.key or b"", record.value or b"") for record in records]
        return found
    finally:
        await consumer.stop()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.migrated("preferences")
async def test_after_compaction_only_the_erasure_is_left(database: Database, kafka: Broker) -> None:
    config = {**topics.TOPICS[topics.PEOPLE].config, **_AT_ONCE}
    assert config["cleanup.policy"] == "compact"
    topic = await kafka.create_topic("people", config=config)
    settings = KafkaSettings(bootstrap_servers=kafka.address)
    relay = Relay(database=database, producer=partial(publishing, settings, client_id="relay"))

    async def relays() -> None:
        async with database.transaction() as connection:
            await connection.execute("UPDATE outbox SET topic = $1", topic)
        await relay.publish_once()

    await hears(database, happened("person.changed", names={"given": "Ada", "family": "Lovelace"}))
    await relays()
    await hears(
        database,
        happened(
            "person.changed", "2026-11-21T10:00Z", phones=[{"number": SMS}], emails=[{"address": EMAIL}]
        ),
        happened("consent.withdrawn", channel="sms", address=SMS),
        now=NOW + timedelta(minutes=1),
    )
    await relays()
    before = b"".join(value for _, value in await values_of(kafka, topic))
    assert SMS.encode() in before
    assert b"Lovelace" in before
    await erase(ADA, reason="asked", others=None, actor=EVE, database=database, clock=ManualClock(NOW))
    await relays()

    async def is_compacted() -> bool:
        # What is written last ends the segment before it, which alone is compacted.
        async with publishing(settings, client_id="others") as producer:
            await fill(producer, topic)
        return b"Lovelace" not in b"".join(value for _, value in await values_of(kafka, topic))

    await eventually(is_compacted, within=240, every=2, what="Kafka has compacted the topic")

    (left,) = [value for key, value in await values_of(kafka, topic) if key == ADA.encode()]
    assert b"person.erased.v1" in left
    assert not [text for text in (SMS, SMS[2:], EMAIL, "Lovelace") if text.encode() in left]


async def fill(producer: AIOKafkaProducer, topic: str) -> None:
    await producer.send_and_wait(topic, b"{}", key=b"somebody else")
