"""A copy of a topic knows until when it is whole, idle or busy, and never claims more than is handled."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from aiokafka import AIOKafkaProducer

from foundation.caught_up import CaughtUpWatch
from foundation.clock import ManualClock, parse_instant
from foundation.gauges import Gauges
from foundation.health import keeping_up
from foundation.metrics import Metrics
from foundation.offsets import Partition
from foundation.quarantine import MalformedRecord
from foundation.records import Record
from foundation.subscribers import Subscription
from tests.foundation.reading import Notes, publish, reading, subscription
from tests.support.broker import Broker
from tests.support.eventually import eventually

START = parse_instant("2026-03-02T12:00Z")


class Told:
    def __init__(self, reader: Subscription) -> None:
        self.clock = ManualClock(START)
        self.instants: dict[int, datetime] = {}
        self.watch = CaughtUpWatch(reader, clock=self.clock, report=self._note)

    async def _note(self, instants: Mapping[Partition, datetime]) -> None:
        self.instants |= {partition: at for (_, partition), at in instants.items()}

    async def look(self) -> dict[int, datetime]:
        """Look once, a second later."""
        self.clock.advance(timedelta(seconds=1))
        await self.watch.look()
        return self.instants


def second(number: int) -> datetime:
    return START + timedelta(seconds=number)


async def test_an_idle_topic_is_whole_as_of_the_last_look(kafka: Broker) -> None:
    topic = await kafka.create_topic(partitions=2)
    reader = subscription(topic, Notes())
    told = Told(reader)

    async with reading(kafka.address, reader):
        assert await told.look() == {}
        assert await told.look() == {0: second(1), 1: second(1)}
        assert await told.look() == {0: second(2), 1: second(2)}

    assert told.watch.lag == {0: 0, 1: 0}


async def test_a_quiet_partition_of_a_busy_topic_is_whole_after_a_restart(kafka: Broker) -> None:
    topic = await kafka.create_topic(partitions=2)
    notes = Notes()
    await publish(kafka.address, topic, b"of before", partition=1)
    reader = subscription(topic, notes)
    async with reading(kafka.address, reader):
        await eventually(lambda: notes.values == [b"of before"])

    again = subscription(topic, notes)
    told = Told(again)
    async with reading(kafka.address, again):
        for number in range(6):
            # Between any two looks something comes, of the other partition.
            await publish(kafka.address, topic, b"%d" % number, partition=0)
            await eventually(lambda: len(notes.values) >= number + 2 and not again.busy)  # noqa: B023
            await told.look()

    assert told.instants.keys() == {0, 1}


async def test_records_in_hand_are_not_handled(kafka: Broker) -> None:
    topic = await kafka.create_topic()
    gate, started = asyncio.Event(), asyncio.Event()

    async def slow(_records: Sequence[Record]) -> Collection[MalformedRecord]:
        started.set()
        await gate.wait()
        return []

    reader = subscription(topic, slow)
    told = Told(reader)
    await publish(kafka.address, topic, b"1", b"2")

    async with reading(kafka.address, reader):
        await started.wait()
        for _ in range(3):
            assert await told.look() == {}
        gate.set()
        await eventually(lambda: not reader.busy)
        assert await told.look() == {0: second(1)}


async def test_records_that_cannot_be_handled_keep_the_copy_old(kafka: Broker) -> None:
    topic = await kafka.create_topic()

    async def refuse(_records: Sequence[Record]) -> Collection[MalformedRecord]:
        raise ConnectionError

    reader = subscription(topic, refuse)
    told = Told(reader)
    await publish(kafka.address, topic, b"1", b"2")

    async with reading(kafka.address, reader):
        await eventually(lambda: reader.begun >= 2)
        for _ in range(3):
            assert await told.look() == {}
        await eventually(lambda: _waits_and_moves(told, 2))

        assert await keeping_up(told.watch, clock=told.clock)() is None
        told.clock.advance(timedelta(minutes=6))
        assert await keeping_up(told.watch, clock=told.clock)() == "behind since 2026-03-02T12:00:01+00:00"


async def _waits_and_moves(told: Told, lag: int) -> bool:
    """Tell whether so many records wait at a look, and an attempt at them was seen since the one before."""
    await told.look()
    return told.watch.lag == {0: lag} and told.watch.stuck_since is None


async def test_a_busy_topic_is_whole_as_of_what_was_there_at_a_look(kafka: Broker) -> None:
    topic = await kafka.create_topic()
    notes = Notes()
    reader = subscription(topic, notes)
    told = Told(reader)

    async with reading(kafka.address, reader):
        for number in range(1, 4):
            await publish(kafka.address, topic, b"%d" % number)
            await told.look()
            await eventually(lambda: len(notes.values) == number and not reader.busy)  # noqa: B023 (called at once)
        assert await told.look() == {0: second(3)}


async def test_a_partition_read_to_its_end_before_the_start_does_not_wait_for_news(kafka: Broker) -> None:
    """A batch of another partition begins after the first look; it says nothing about this one."""
    topic = await kafka.create_topic(partitions=2)
    notes = Notes()
    earlier = subscription(topic, notes)
    await publish(kafka.address, topic, b"1", partition=0)
    async with reading(kafka.address, earlier):
        await eventually(lambda: notes.values == [b"1"] and not earlier.busy)

    reader = subscription(topic, notes)
    told = Told(reader)
    async with reading(kafka.address, reader):
        await eventually(lambda: _lag_of_both(told))
        await publish(kafka.address, topic, b"2", partition=1)
        await eventually(lambda: notes.values == [b"1", b"2"] and not reader.busy)
        for _ in range(3):
            await told.look()

    assert told.instants[0] >= told.clock.now() - timedelta(seconds=1)


async def _lag_of_both(told: Told) -> bool:
    await told.look()
    return told.watch.lag == {0: 0, 1: 0}


async def test_the_end_of_a_transaction_is_no_record_to_wait_for(kafka: Broker) -> None:
    topic = await kafka.create_topic()
    notes = Notes()
    reader = subscription(topic, notes)
    told = Told(reader)
    producer = AIOKafkaProducer(bootstrap_servers=kafka.address, transactional_id=kafka.fresh_name("tx"))
    await producer.start()
    async with producer.transaction():
        await producer.send_and_wait(topic, b"1")
    await producer.stop()

    async with reading(kafka.address, reader):
        await eventually(lambda: notes.values == [b"1"])
        await eventually(told.look)


@asynccontextmanager
async def a_transaction(kafka: Broker) -> AsyncIterator[AIOKafkaProducer]:
    """A producer with a transaction begun; whoever asks ends it."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka.address, transactional_id=kafka.fresh_name("tx"))
    await producer.start()
    await producer.begin_transaction()
    yield producer
    await producer.stop()


async def test_what_a_producer_took_back_was_never_said(kafka: Broker) -> None:
    topic = await kafka.create_topic()
    notes = Notes()
    reader = subscription(topic, notes)

    async with reading(kafka.address, reader), a_transaction(kafka) as producer:
        await producer.send_and_wait(topic, b"taken back")
        await producer.abort_transaction()
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"said")
        await producer.commit_transaction()
        await publish(kafka.address, topic, b"said without ado")
        await eventually(lambda: len(notes.values) == 2)

    assert notes.values == [b"said", b"said without ado"]


async def test_what_lies_behind_an_open_transaction_is_published_and_not_known(kafka: Broker) -> None:
    """A withdrawal that another publisher sends meanwhile cannot be read before the transaction ends."""
    topic = await kafka.create_topic()
    notes = Notes()
    reader = subscription(topic, notes)
    told = Told(reader)

    async with reading(kafka.address, reader), a_transaction(kafka) as producer:
        await eventually(told.look)
        await producer.send_and_wait(topic, b"open")
        await publish(kafka.address, topic, b"a withdrawal")
        await told.look()
        known_before = dict(told.instants)
        for _ in range(3):
            await told.look()
            told.clock.advance(timedelta(seconds=15))
        assert told.instants == known_before
        assert await keeping_up(told.watch, clock=told.clock)() is not None, "readiness says that it is stuck"

        await producer.commit_transaction()
        await eventually(lambda: notes.values == [b"open", b"a withdrawal"])

        async def is_known() -> bool:
            return (await told.look())[0] > known_before[0]

        await eventually(is_known)


async def test_watching_waits_for_a_subscription_that_is_not_started(kafka: Broker) -> None:
    topic = await kafka.create_topic()
    reader = subscription(topic, Notes())
    told = Told(reader)
    stop = asyncio.Event()
    watching = asyncio.create_task(told.watch.run(stop, every=timedelta(milliseconds=20)))

    async with reading(kafka.address, reader):
        await eventually(lambda: told.instants)
    stop.set()
    await watching


async def test_gauges_say_what_was_handled_and_what_is_left(kafka: Broker) -> None:
    topic = await kafka.create_topic()
    notes = Notes()
    reader = subscription(topic, notes)
    told = Told(reader)
    metrics = Metrics(prefix="test")
    gauges = Gauges(metrics=metrics)
    await publish(kafka.address, topic, b"1", b"2")

    async with reading(kafka.address, reader):
        await eventually(lambda: reader.standing().handled == 2)
        await told.look()
        for _ in range(2):
            await gauges.measure_reading(told.watch)

    lines = metrics.render().decode().splitlines()
    assert f'test_kafka_records_handled_total{{topic="{topic}"}} 2.0' in lines
    assert f'test_kafka_reading_stopped{{topic="{topic}"}} 0.0' in lines
    assert f'test_kafka_lag_records{{partition="0",topic="{topic}"}} 0.0' in lines


async def test_a_watch_that_was_cancelled_from_within_returns(kafka: Broker) -> None:
    """Whoever began it sees that nobody looks any more: what nobody looks at is old, and nothing is sent."""

    async def report(_: Mapping[Partition, datetime]) -> None:
        raise asyncio.CancelledError

    topic = await kafka.create_topic()
    reader = subscription(topic, Notes())
    watch = CaughtUpWatch(reader, clock=ManualClock(START), report=report)

    async with reading(kafka.address, reader), asyncio.timeout(60):
        await watch.run(asyncio.Event(), every=timedelta(milliseconds=20))
