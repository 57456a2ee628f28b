"""What every process does: parts end before what they work with, and what they wrote is published."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest

from foundation.behind import Topics
from foundation.clock import ManualClock, parse_instant
from foundation.database import Connection, Database
from foundation.metrics import Metrics
from foundation.outbox import OutgoingEvent, append
from foundation.own_past import OwnPast
from foundation.process import Part, PartEnded, Process
from foundation.quarantine import MalformedRecord
from foundation.records import Record
from foundation.settings import KafkaSettings
from tests.foundation.reading import Notes, publish, read_all, subscription
from tests.support.broker import Broker
from tests.support.eventually import eventually

pytestmark = pytest.mark.migrated("foundation")

AT = parse_instant("2026-03-02T12:00Z")
NOWHERE = KafkaSettings(bootstrap_servers="127.0.0.1:1")


@asynccontextmanager
async def a_process(database: Database, kafka: KafkaSettings = NOWHERE) -> AsyncIterator[Process]:
    async with Process.open(
        database=database,
        kafka=kafka,
        clock=ManualClock(AT),
        metrics=Metrics(prefix="test"),
        stop=asyncio.Event(),
    ) as process:
        yield process


async def test_what_a_part_writes_while_it_ends_is_published_before_the_process_leaves(
    kafka: Broker, database: Database
) -> None:
    topic = await kafka.create_topic()

    async def writes_as_it_ends(stop: asyncio.Event) -> None:
        await stop.wait()
        for number in range(20):
            event = OutgoingEvent(
                topic=topic, key="p1", type="thing.done.v1", time=AT, data={"number": number}
            )
            async with database.transaction() as connection:
                await append(connection, [event], source="/tests")

    async with a_process(database, KafkaSettings(bootstrap_servers=kafka.address)) as process:
        process.publish(client_id="test")
        process.begin(writes_as_it_ends)
        process.stop.set()

    events = [json.loads(record.value or b"") for record in await read_all(kafka.address, topic)]
    assert [event["data"]["number"] for event in events] == list(range(20))


async def test_what_was_begun_last_ends_first(database: Database) -> None:
    ended: list[str] = []

    async def lasts(stop: asyncio.Event) -> None:
        await stop.wait()
        ended.append("part")

    async with a_process(database) as process:
        process.stack.callback(ended.append, "what it works with")
        process.begin(lasts)

    assert ended == ["part", "what it works with"]


async def test_others_are_heard_only_once_the_past_is_whole(kafka: Broker, database: Database) -> None:
    inward, outward = await kafka.create_topic(), await kafka.create_topic()
    await publish(kafka.address, inward, b"from others")
    await publish(kafka.address, outward, b"of our own")
    notes, remembers, may_remember = Notes(), asyncio.Event(), asyncio.Event()
    reader = subscription(inward, notes)

    async def remember(_: Connection, records: Sequence[Record]) -> int:
        remembers.set()
        await may_remember.wait()
        return len(records)

    settings = KafkaSettings(bootstrap_servers=kafka.address)
    async with a_process(database, settings) as process:
        past = OwnPast(
            database=database,
            kafka=settings,
            clock=process.clock,
            topics=Topics(consumed=[], own="own", published=[outward]),
            remember=remember,
            patience=timedelta(0),
        )
        await process.read_after(past, [reader], client_id="test")
        await asyncio.wait_for(remembers.wait(), 30)
        # Longer than it takes to begin to read.
        await asyncio.sleep(4)
        assert reader.consumer is None
        may_remember.set()
        await eventually(lambda: notes.values == [b"from others"])
        process.stop.set()


async def test_a_part_that_fails_ends_the_process(database: Database) -> None:
    async def fails(_: asyncio.Event) -> None:
        raise LookupError("a part failed")

    async def lasts(stop: asyncio.Event) -> None:
        await stop.wait()

    async def runs() -> None:
        async with a_process(database) as process:
            process.begin(lasts)
            process.begin(fails)
            await process.run()

    with pytest.raises(ExceptionGroup) as failure:
        await runs()
    assert failure.group_contains(LookupError)


async def ends_at_once(_: asyncio.Event) -> None:
    """As a relay whose work is over."""


async def is_cancelled_from_within(_: asyncio.Event) -> None:
    """As whoever waits for a client that cancels what it has just begun."""
    begun = asyncio.create_task(asyncio.sleep(60))
    begun.cancel()
    await begun


@pytest.mark.parametrize("part", [ends_at_once, is_cancelled_from_within])
async def test_a_part_that_ends_without_a_word_ends_the_process(database: Database, part: Part) -> None:
    async def runs() -> None:
        async with a_process(database) as process:
            process.begin(part)
            await process.run()

    with pytest.raises(ExceptionGroup) as failure:
        await runs()
    assert failure.group_contains(PartEnded)


async def test_a_part_that_may_end_ends_nothing_else(database: Database) -> None:
    async with a_process(database) as process:
        process.begin(ends_at_once, may_end=True)
        await asyncio.sleep(0.1)
        assert not process.stop.is_set()


async def test_a_process_says_in_health_and_metrics_how_its_reading_does(
    kafka: Broker, database: Database
) -> None:
    topic = await kafka.create_topic()
    notes = Notes()
    async with a_process(database, KafkaSettings(bootstrap_servers=kafka.address)) as process:
        read_by_us = [subscription(topic, notes)]
        process.watch(read_by_us)
        before = await process.health.ready()
        await process.read(read_by_us, client_id="test")
        await publish(kafka.address, topic, b"one")
        await eventually(lambda: notes.values == [b"one"])
        after = await process.health.ready()

    assert before.checks[f"reading {topic}"] == "not reading"
    assert after.checks == {
        # The clock of this test stands still in another month, which is said as well.
        "clock": "clock differs from the database's",
        "database": "ok",
        "kafka": "ok",
        f"reading {topic}": "ok",
        f"keeping up with {topic}": "ok",
    }


async def test_a_process_serves_until_it_leaves(database: Database) -> None:
    async def answers(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body"})  # type: ignore[operator]

    async with aiohttp.ClientSession() as client:
        async with a_process(database) as process:
            port = await process.serve(answers, host="127.0.0.1", port=0)
            async with client.get(f"http://127.0.0.1:{port}/") as answer:
                assert answer.status == 204

        with pytest.raises(aiohttp.ClientConnectionError):
            await client.get(f"http://127.0.0.1:{port}/")


async def test_reading_that_is_cancelled_from_within_ends_the_process_and_loses_nothing(
    kafka: Broker, database: Database
) -> None:
    topic = await kafka.create_topic()
    await publish(kafka.address, topic, b"said once")

    async def is_cancelled(_: Sequence[Record]) -> Collection[MalformedRecord]:
        raise asyncio.CancelledError

    async def runs() -> None:
        async with a_process(database, KafkaSettings(bootstrap_servers=kafka.address)) as process:
            await process.read([subscription(topic, is_cancelled)], client_id="test")
            await process.run()

    with pytest.raises(ExceptionGroup) as failure:
        await runs()
    assert failure.group_contains(PartEnded)

    notes = Notes()
    async with a_process(database, KafkaSettings(bootstrap_servers=kafka.address)) as process:
        await process.read([subscription(topic, notes)], client_id="test")
        await eventually(lambda: notes.values == [b"said once"])
        process.stop.set()
