"""Every record reaches its handler, however odd, and is committed only after its work."""

import asyncio
import itertools
import sys
from collections.abc import Collection, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from foundation.clock import ManualClock, parse_instant
from foundation.health import reading as reading_check
from foundation.quarantine import MalformedRecord
from foundation.records import Record
from foundation.subscribers import Handle
from tests.foundation.reading import Notes, committed, publish, reading, subscription
from tests.support.broker import Broker
from tests.support.eventually import eventually


async def test_odd_records_reach_the_handler_as_they_are(kafka: Broker) -> None:
    topic = await kafka.create_topic()
    notes = Notes()
    await publish(kafka.address, topic, b"plain")
    await publish(kafka.address, topic, b"null header", headers=(("ce_id", None),))
    await publish(
        kafka.address, topic, b"\xff\xfe", key=b"\xff", headers=(("ce_id", b"\xff\xfe"), ("ce_id", b"2"))
    )
    await publish(kafka.address, topic, None, key=b"p1")

    async with reading(kafka.address, subscription(topic, notes)):
        await eventually(lambda: len(notes.records) == 4)

    assert notes.records == [
        Record(topic, 0, 0, None, b"plain", ()),
        Record(topic, 0, 1, None, b"null header", (("ce_id", None),)),
        Record(topic, 0, 2, b"\xff", b"\xff\xfe", (("ce_id", b"\xff\xfe"), ("ce_id", b"2"))),
        Record(topic, 0, 3, b"p1", None, ()),
    ]
    assert await committed(kafka.address, f"{topic}-readers", topic) == 4


async def test_a_header_name_that_is_no_text_stops_nothing(kafka: Broker) -> None:
    topic = await kafka.create_topic()
    notes = Notes()
    publisher = Path(__file__).with_name("odd_publisher.py")
    process = await asyncio.create_subprocess_exec(sys.executable, str(publisher), kafka.address, topic)
    assert await process.wait() == 0

    async with reading(kafka.address, subscription(topic, notes)):
        await eventually(lambda: len(notes.records) == 3)

    assert notes.values == [b"before", b"odd", b"after"]
    assert notes.records[1].headers == (("\\xff\\xfe", b"1"), ("é", b"2"))


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
async def test_records_are_read_however_they_were_compressed(kafka: Broker, codec: str) -> None:
    topic = await kafka.create_topic()
    notes = Notes()
    producer = AIOKafkaProducer(bootstrap_servers=kafka.address, compression_type=codec)
    await producer.start()
    await producer.send_and_wait(topic, b"x" * 500)
    await producer.stop()

    async with reading(kafka.address, subscription(topic, notes)):
        await eventually(lambda: notes.values == [b"x" * 500])


async def test_a_failed_batch_is_not_committed_and_comes_again(kafka: Broker) -> None:
    topic = await kafka.create_topic()
    notes = Notes()
    refusing = asyncio.Event()
    refused = 0

    async def refuse_at_first(records: Sequence[Record]) -> Collection[MalformedRecord]:
        nonlocal refused
        if not refusing.is_set():
            refused += 1
            raise ConnectionError("the database is away")
        return await notes(records)

    reader = subscription(topic, refuse_at_first)
    await publish(kafka.address, topic, b"1", b"2", b"3")

    async with reading(kafka.address, reader):
        await eventually(lambda: refused >= 3)
        assert await committed(kafka.address, reader.group, topic) == 0
        assert reader.standing().failing_since is not None
        refusing.set()
        await eventually(lambda: len(notes.values) >= 3)

    assert notes.values == [b"1", b"2", b"3"]
    assert reader.standing().failing_since is None
    assert await committed(kafka.address, reader.group, topic) == 3


async def test_a_failing_handler_is_not_asked_in_a_hot_loop(kafka: Broker) -> None:
    topic = await kafka.create_topic()
    calls: list[float] = []
    loop = asyncio.get_running_loop()

    async def refuse(_records: Sequence[Record]) -> Collection[MalformedRecord]:
        calls.append(loop.time())
        raise TimeoutError

    await publish(kafka.address, topic, b"1")

    async with reading(kafka.address, subscription(topic, refuse)):
        await eventually(lambda: len(calls) >= 5)

    pauses = [later - earlier for earlier, later in itertools.pairwise(calls)]
    assert all(pause >= least for pause, least in zip(pauses, [0.045, 0.095, 0.195, 0.195], strict=False)), (
        pauses
    )


async def test_a_flood_of_malformed_records_stops_reading_and_commits_nothing_further(kafka: Broker) -> None:
    topic = await kafka.create_topic()
    kept: list[bytes | None] = []
    clock = ManualClock(parse_instant("2026-03-02T12:00Z"))

    async def keep(records: Sequence[Record]) -> Collection[MalformedRecord]:
        kept.extend(each.value for each in records)
        return [MalformedRecord(record=each, reason="not_json", problem="", person=None) for each in records]

    reader = subscription(topic, keep, clock=clock, flood_limit=5, max_records=2)
    check = reading_check(reader, clock=clock)
    await publish(kafka.address, topic, *[b"?"] * 40)

    async with reading(kafka.address, reader):
        await eventually(lambda: reader.standing().flooded)
        begun = reader.begun
        await eventually(lambda: reader.begun > begun, what="the next batch is refused")
        assert len(kept) == 6
        assert await committed(kafka.address, reader.group, topic) == 6
        assert (await check() or "").startswith("stopped: too many malformed records in a row")

        reader.resume()
        await eventually(lambda: len(kept) > 6, what="reading goes on after somebody looked")


async def test_good_records_in_between_make_no_flood(kafka: Broker) -> None:
    topic = await kafka.create_topic()
    seen = Notes()

    async def keep_questions(records: Sequence[Record]) -> Collection[MalformedRecord]:
        await seen(records)
        return [
            MalformedRecord(record=each, reason="not_json", problem="", person=None)
            for each in records
            if each.value == b"?"
        ]

    reader = subscription(topic, keep_questions, flood_limit=3, max_records=1)
    await publish(kafka.address, topic, *[b"?", b"?", b"good"] * 5)

    async with reading(kafka.address, reader):
        await eventually(lambda: len(seen.values) == 15)

    assert not reader.standing().flooded
    assert reader.standing().malformed == 10


async def test_a_member_that_joins_makes_nothing_run_twice(kafka: Broker) -> None:
    topic = await kafka.create_topic(partitions=4)
    seen: list[tuple[str, bytes | None]] = []
    gate = asyncio.Event()

    def handled_by(who: str) -> Handle:
        async def slow(records: Sequence[Record]) -> Collection[MalformedRecord]:
            seen.extend((who, each.value) for each in records)
            await gate.wait()
            return []

        return slow

    first = subscription(topic, handled_by("first"))
    second = subscription(topic, handled_by("second"))
    for partition in range(4):
        await publish(kafka.address, topic, b"%d" % partition, partition=partition)

    async with reading(kafka.address, first), AsyncExitStack() as stack:
        await eventually(lambda: seen)
        joining = asyncio.create_task(stack.enter_async_context(reading(kafka.address, second)))
        await eventually(lambda: first.draining)
        assert not joining.done(), "the batch in hand holds the rebalance up"
        gate.set()
        await joining
        for partition in range(4):
            await publish(kafka.address, topic, b"%d" % (4 + partition), partition=partition)
        await eventually(lambda: len(seen) >= 8)

    assert sorted(value or b"" for _, value in seen) == [b"%d" % each for each in range(8)]
    assert {who for who, _ in seen} == {"first", "second"}
    assert await committed(kafka.address, first.group, topic, partitions=4) == 8


async def test_stopping_waits_for_the_batch_in_hand_and_commits_it(kafka: Broker) -> None:
    topic = await kafka.create_topic()
    gate, started = asyncio.Event(), asyncio.Event()

    async def slow(_records: Sequence[Record]) -> Collection[MalformedRecord]:
        started.set()
        await gate.wait()
        return []

    reader = subscription(topic, slow)
    await publish(kafka.address, topic, b"1")

    async with reading(kafka.address, reader):
        await started.wait()
        asyncio.get_running_loop().call_later(0.3, gate.set)

    assert await committed(kafka.address, reader.group, topic) == 1
