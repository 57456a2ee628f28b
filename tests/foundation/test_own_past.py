"""A database reads back what it published and lost, on a real Kafka; what it knows is not read again."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import pytest
from aiokafka.errors import RequestTimedOutError

from foundation import outbox, recovery
from foundation.behind import Topics, look_at_kafka, note_what_is_missing
from foundation.clock import ManualClock, parse_instant
from foundation.database import Connection, Database
from foundation.kafka import administering, publishing
from foundation.outbox import OutgoingEvent
from foundation.own_past import OwnPast
from foundation.records import Record
from foundation.relay import Relay
from foundation.settings import KafkaSettings
from foundation.topic_ids import read_topic_ids
from tests.foundation.reading import publish
from tests.support.broker import Broker
from tests.support.databases import Databases
from tests.support.eventually import eventually

pytestmark = pytest.mark.migrated("foundation")

NOW = parse_instant("2026-03-02T12:00Z")


@pytest.fixture
async def restored(databases: Databases) -> AsyncIterator[Database]:
    url = await databases.fresh("foundation")
    async with Database.open(url, size=3, name="restored") as opened:
        yield opened
    await databases.drop(url)


class Remembered:
    """Takes every record for news unless it knows all, or dies after some."""

    def __init__(self, *, dies_at: int | None = None, knows_all: bool = False) -> None:
        self.values: list[bytes | None] = []
        self.knows_all = knows_all
        self.dies_at = dies_at

    async def __call__(self, _: Connection, records: Sequence[Record]) -> int:
        if self.dies_at is not None and len(self.values) >= self.dies_at:
            raise LookupError("it died")
        self.values += [record.value for record in records]
        return 0 if self.knows_all else len(records)


def past(database: Database, kafka: Broker, topic: str, remembered: Remembered) -> OwnPast:
    return OwnPast(
        database=database,
        kafka=settings(kafka),
        clock=ManualClock(NOW),
        topics=Topics(consumed=[], own="own", published=[topic]),
        remember=remembered,
        patience=timedelta(0),
    )


def settings(kafka: Broker) -> KafkaSettings:
    return KafkaSettings(bootstrap_servers=kafka.address)


async def publishes(database: Database, kafka: Broker, topic: str, count: int) -> None:
    events = [
        OutgoingEvent(topic=topic, key=f"p{number}", type="thing.done.v1", time=NOW, data={"n": number})
        for number in range(count)
    ]
    async with database.transaction() as connection:
        await outbox.append(connection, events, source="/tests")
    relay = Relay(database=database, producer=partial(publishing, settings(kafka), client_id="test"))
    assert await relay.publish_once() == count


async def test_a_lost_database_reads_all_it_published_and_one_that_knows_it_reads_nothing(
    kafka: Broker, database: Database, restored: Database
) -> None:
    topic = await kafka.create_topic(partitions=3)
    await publishes(database, kafka, topic, 20)
    known, lost = Remembered(), Remembered()

    await past(database, kafka, topic, known).compare()
    assert await past(database, kafka, topic, known).read_back() == 0
    await past(restored, kafka, topic, lost).compare()
    assert await past(restored, kafka, topic, lost).read_back() == 20

    assert (len(known.values), len(set(lost.values))) == (0, 20)
    async with restored.transaction() as connection:
        found = await recovery.list_open(connection)
        assert sum(gap.found for gap in found) == 20
        assert await recovery.why_behind(connection) == "what was done since the backup is not known"
        await recovery.accept(connection, by="eva", now=NOW)
    await past(restored, kafka, topic, lost).compare()
    assert await past(restored, kafka, topic, lost).is_whole()


async def test_what_a_dead_relay_had_published_is_read_and_needs_nobodys_word(
    kafka: Broker, database: Database
) -> None:
    topic = await kafka.create_topic()
    await publishes(database, kafka, topic, 1)
    await publish(kafka.address, topic, b"acknowledged, not deleted")

    reader = past(database, kafka, topic, Remembered(knows_all=True))
    await reader.compare()
    async with database.transaction() as connection:
        assert await recovery.why_behind(connection) == "the database is behind Kafka"
    await reader.read_back()

    async with database.transaction() as connection:
        assert await recovery.why_behind(connection) is None


async def test_reading_goes_on_where_a_process_died(
    kafka: Broker, database: Database, restored: Database
) -> None:
    topic = await kafka.create_topic()
    for _ in range(2):
        await publishes(database, kafka, topic, 400)
    dies, lives = Remembered(dies_at=1), Remembered()
    await past(restored, kafka, topic, dies).compare()

    with pytest.raises(LookupError):
        await past(restored, kafka, topic, dies).read_back()
    await past(restored, kafka, topic, lives).compare()
    await past(restored, kafka, topic, lives).read_back()

    assert 0 < len(dies.values) < 800
    assert len(dies.values) + len(lives.values) == 800


async def test_nothing_is_published_before_what_is_missing_is_noted(
    kafka: Broker, database: Database, restored: Database
) -> None:
    topic = await kafka.create_topic()
    await publishes(database, kafka, topic, 3)
    reader = past(restored, kafka, topic, Remembered())
    relay = Relay(
        database=restored,
        producer=partial(publishing, settings(kafka), client_id="test"),
        before=reader.compare,
    )
    event = OutgoingEvent(topic=topic, key="p1", type="thing.done.v1", time=NOW, data={"n": 9})
    async with restored.transaction() as connection:
        await outbox.append(connection, [event], source="/tests")

    await relay.publish_once()

    async with restored.transaction() as connection:
        (gap,) = await recovery.list_open(connection)
    assert (gap.stood, gap.committed, gap.missing) == (0, 3, 3)


async def test_a_kafka_that_says_nothing_holds_up_no_comparison(database: Database) -> None:
    """Whoever sends waits for it to end, so one that hangs would be silence for good."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        own = OwnPast(
            database=database,
            kafka=KafkaSettings(bootstrap_servers=f"127.0.0.1:{silent.getsockname()[1]}"),
            clock=ManualClock(NOW),
            topics=Topics(consumed=[], own="own", published=["somewhere"]),
            remember=Remembered(),
            compares_within=timedelta(milliseconds=300),
        )

        with pytest.raises(RequestTimedOutError):
            await own.compare()

    assert not own.is_compared


async def test_a_part_reads_whatever_is_noted_until_told_to_stop(
    kafka: Broker, database: Database, restored: Database
) -> None:
    topic = await kafka.create_topic()
    await publishes(database, kafka, topic, 2)
    remembered, stop = Remembered(), asyncio.Event()
    reader = past(restored, kafka, topic, remembered)
    async with running(reader, stop):
        await eventually(reader.whole.is_set)
        assert remembered.values == []

        await reader.compare()
        await eventually(lambda: len(remembered.values) == 2)


async def test_a_topic_made_anew_has_another_id(kafka: Broker, database: Database) -> None:
    topic = await kafka.create_topic()
    before = await read_topic_ids(settings(kafka), [topic, "none-of-this-name"])
    topics = Topics(consumed=[], own="own", published=[topic])
    await publishes(database, kafka, topic, 2)
    await note_what_is_missing(topics, kafka=settings(kafka), database=database, now=NOW)

    async with administering(settings(kafka)) as admin:
        await admin.delete_topics([topic])
    await eventually(lambda: is_gone(kafka, topic))
    await kafka.create_again(topic)

    after = (await look_at_kafka(topics, kafka=settings(kafka))).topic_ids
    assert list(before) == list(after) == [topic]
    assert before != after
    await note_what_is_missing(topics, kafka=settings(kafka), database=database, now=NOW)
    async with database.transaction() as connection:
        assert await outbox.read_published(connection) == {(topic, 0): 0}


async def is_gone(kafka: Broker, topic: str) -> bool:
    return await read_topic_ids(settings(kafka), [topic]) == {}


@asynccontextmanager
async def running(reader: OwnPast, stop: asyncio.Event) -> AsyncIterator[None]:
    task = asyncio.create_task(reader.run(stop))
    try:
        yield
    finally:
        stop.set()
        await task
