"""What was appended is published, in order of each key: once as a rule, else again with the same id."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from foundation.backoff import Backoff
from foundation.clock import parse_instant
from foundation.database import Database
from foundation.kafka import publishing
from foundation.outbox import OutgoingEvent, append, measure_backlog, read_front
from foundation.relay import PublishFailed, Relay
from foundation.settings import KafkaSettings
from tests.foundation.reading import read_all
from tests.support.broker import Broker
from tests.support.eventually import eventually

pytestmark = pytest.mark.migrated("foundation")

AT = parse_instant("2026-03-02T12:00:00.25Z")


def outgoing(topic: str, key: str, number: int = 0) -> OutgoingEvent:
    return OutgoingEvent(topic=topic, key=key, type="thing.done.v1", time=AT, data={"number": number})


async def write(database: Database, *entries: OutgoingEvent) -> None:
    async with database.transaction() as connection:
        await append(connection, entries, source="/tests")


async def waiting(database: Database) -> int:
    async with database.transaction() as connection:
        return (await measure_backlog(connection))[0]


Producing = Callable[[], AbstractAsyncContextManager[AIOKafkaProducer]]


@pytest.fixture
def producer(kafka: Broker) -> Producing:
    return partial(publishing, KafkaSettings(bootstrap_servers=kafka.address), client_id="test")


async def events(kafka: Broker, topic: str) -> list[Mapping[str, Any]]:
    return [json.loads(each.value or b"") for each in await read_all(kafka.address, topic)]


async def test_an_entry_becomes_a_structured_cloud_event(
    kafka: Broker, database: Database, producer: Producing
) -> None:
    topic = await kafka.create_topic()
    await write(database, outgoing(topic, "p1", 7))
    async with database.transaction() as connection:
        (entry,) = await read_front(connection, limit=10)

    assert await Relay(database=database, producer=producer).publish_once() == 1

    (record,) = await read_all(kafka.address, topic)
    assert record.key == b"p1"
    assert record.headers == (("content-type", b"application/cloudevents+json; charset=UTF-8"),)
    assert json.loads(record.value or b"") == {
        "specversion": "1.0",
        "id": str(entry.event_id),
        "source": "/tests",
        "type": "thing.done.v1",
        "time": "2026-03-02T12:00:00.250000Z",
        "subject": "p1",
        "sequence": "1",
        "datacontenttype": "application/json",
        "data": {"number": 7},
    }
    assert await waiting(database) == 0


async def test_each_key_keeps_its_order_and_counts_without_gaps(
    kafka: Broker, database: Database, producer: Producing
) -> None:
    topic = await kafka.create_topic(partitions=3)
    for start in range(0, 90, 9):
        await write(database, *(outgoing(topic, f"p{each % 4}", each) for each in range(start, start + 9)))

    relay = Relay(database=database, producer=producer)
    while await relay.publish_once(20):
        pass

    published = await events(kafka, topic)
    for key in ("p0", "p1", "p2", "p3"):
        mine = [each for each in published if each["subject"] == key]
        assert [int(each["sequence"]) for each in mine] == list(range(1, len(mine) + 1))
        assert all(earlier["data"]["number"] < later["data"]["number"] for earlier, later in pairwise(mine))
    assert len(published) == 90


async def test_what_was_published_but_not_deleted_goes_out_again_under_the_same_id(
    kafka: Broker, database: Database, producer: Producing
) -> None:
    topic = await kafka.create_topic()
    await write(database, outgoing(topic, "p1"), outgoing(topic, "p2"))

    with suppress(PowerCut):
        await DiesBeforeDeleting(database=database, producer=producer).publish_once()
    assert await Relay(database=database, producer=producer).publish_once() == 2

    ids = [each["id"] for each in await events(kafka, topic)]
    assert len(ids) == 4
    assert ids[:2] == ids[2:]


class PowerCut(BaseException):
    """Not an `Exception`: nothing may catch it."""


class DiesBeforeDeleting(Relay):
    async def _send(self, producer: Any, entries: Any) -> Any:
        await super()._send(producer, entries)
        raise PowerCut


async def test_an_entry_for_a_missing_topic_harms_neither_other_topics_nor_its_own_order(
    kafka: Broker, database: Database, producer: Producing
) -> None:
    topic, missing = await kafka.create_topic(), kafka.fresh_name("missing")
    await write(database, outgoing(missing, "p1", 1), outgoing(topic, "p1", 2), outgoing(missing, "p1", 3))

    with pytest.raises(PublishFailed) as failed:
        await Relay(database=database, producer=partial(impatient, kafka)).publish_once()

    assert failed.value.failures == 2
    assert [each["data"]["number"] for each in await events(kafka, topic)] == [2]
    assert await waiting(database) == 2


async def test_an_entry_too_large_for_kafka_holds_back_only_its_key(
    kafka: Broker, database: Database, producer: Producing
) -> None:
    topic = await kafka.create_topic()
    huge = OutgoingEvent(topic=topic, key="p1", type="t.v1", time=AT, data={"text": "x" * 2_000_000})
    await write(database, huge, outgoing(topic, "p1", 1), outgoing(topic, "p2", 2))

    with pytest.raises(PublishFailed):
        await Relay(database=database, producer=producer).publish_once()

    assert [each["subject"] for each in await events(kafka, topic)] == ["p2"]
    assert await waiting(database) == 2


@asynccontextmanager
async def impatient(kafka: Broker) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka.address, enable_idempotence=True, request_timeout_ms=1500
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def test_of_two_relays_one_works_and_the_other_takes_over(
    kafka: Broker, database: Database, producer: Producing
) -> None:
    topic = await kafka.create_topic()
    first, second = (
        Relay(database=database, producer=producer, tick=timedelta(milliseconds=50)) for _ in range(2)
    )
    async with running(first) as stop_first:
        await eventually(lambda: first.leading)
        async with running(second):
            await write(database, outgoing(topic, "p1"))
            await eventually(lambda: first.published == 1)
            assert not second.leading
            assert second.published == 0

            stop_first.set()
            await eventually(lambda: second.leading)
            await write(database, outgoing(topic, "p1"))
            await eventually(lambda: second.published == 1)

    assert [each["sequence"] for each in await events(kafka, topic)] == ["1", "2"]


async def test_a_relay_that_waits_for_the_lead_is_not_driven_by_news(
    kafka: Broker, database_url: str, producer: Producing
) -> None:
    topic = await kafka.create_topic()
    async with (
        Watched.open(database_url, size=2, name="first") as one,
        Watched.open(database_url, size=2, name="second") as other,
    ):
        first = Relay(database=one, producer=producer, tick=timedelta(milliseconds=200))
        second = Relay(database=other, producer=producer, tick=timedelta(milliseconds=200))
        async with running(first):
            await eventually(lambda: first.leading)
            async with running(second):
                await eventually(lambda: other.openings >= 2, what="it listens, and asked for the lead")
                await write(one, outgoing(topic, "p1"))
                await eventually(lambda: first.published == 1)
                before, began = other.openings, asyncio.get_running_loop().time()
                await eventually(lambda: other.openings >= before + 3)
                assert asyncio.get_running_loop().time() - began >= 0.4


class Watched(Database):
    """A database that counts the connections asked for outside its pool."""

    openings = 0

    @asynccontextmanager
    async def dedicated(self) -> AsyncIterator[Any]:
        self.openings += 1
        async with super().dedicated() as connection:
            yield connection


async def test_one_entry_that_cannot_go_does_not_slow_down_the_others(
    kafka: Broker, database: Database, producer: Producing
) -> None:
    topic = await kafka.create_topic()
    huge = OutgoingEvent(topic=topic, key="p0", type="t.v1", time=AT, data={"text": "x" * 2_000_000})
    await write(database, huge, *(outgoing(topic, f"p{each + 1}", each) for each in range(60)))
    patient = Backoff(first=timedelta(minutes=5), longest=timedelta(minutes=5))

    relay = Relay(database=database, producer=producer, limit=7, backoff=patient)
    async with running(relay):
        await eventually(lambda: relay.published == 60)


async def test_news_wakes_the_relay_before_its_tick(
    kafka: Broker, database: Database, producer: Producing
) -> None:
    topic = await kafka.create_topic()
    relay = Relay(database=database, producer=producer, tick=timedelta(minutes=5))
    async with running(relay):
        await eventually(lambda: relay.leading)
        for number in range(3):
            await write(database, outgoing(topic, "p1", number))
            await eventually(lambda: relay.published == number + 1)  # noqa: B023 (called at once)


async def test_a_relay_that_loses_its_database_session_goes_on_with_a_new_one(
    kafka: Broker, database: Database, producer: Producing
) -> None:
    topic = await kafka.create_topic()
    relay = Relay(database=database, producer=producer, tick=timedelta(milliseconds=50), backoff=quick())
    async with running(relay):
        await eventually(lambda: relay.leading)
        before = await _leading_session(database)
        async with database.transaction() as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        # How long nobody leads may be too short to be seen; who leads then is another session.
        await eventually(lambda: _leads_anew(database, before))
        await eventually(lambda: relay.leading)
        await eventually(lambda: _written(database, topic))
        await eventually(lambda: relay.published == 1)


async def _leading_session(database: Database) -> int | None:
    async with database.transaction() as connection:
        session: int | None = await connection.fetchval(
            "SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE locktype = 'advisory' AND datname = current_database()"
        )
    return session


async def _leads_anew(database: Database, before: int | None) -> bool:
    try:
        session = await _leading_session(database)
    except Exception as error:
        raise AssertionError from error
    return session not in (None, before)


async def _written(database: Database, topic: str) -> bool:
    # The pool notices the connections it lost one by one.
    try:
        await write(database, outgoing(topic, "p1"))
    except Exception as error:
        raise AssertionError from error
    return True


def quick() -> Backoff:
    return Backoff(first=timedelta(milliseconds=20), longest=timedelta(milliseconds=100))


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    task = asyncio.create_task(relay.run(stop))
    try:
        yield stop
    finally:
        stop.set()
        await task
