"""Watches from outside: what the system publishes, and how far its consumer groups have committed."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from foundation.clock import SystemClock
from schemas import topics
from tests.soak.record import Heard
from tests.support.eventually import eventually

#: What the system writes, and which group reads each topic of its input.
WRITTEN = (topics.TOUCHES, topics.REPLIES, topics.PEOPLE)
GROUPS: Mapping[str, str] = {
    topics.PERSON_EVENTS: f"preferences.{topics.PERSON_EVENTS}",
    topics.REPLIES: f"preferences.{topics.REPLIES}",
    **{each: f"outreach.{each}" for each in (topics.PEOPLE, topics.DEBTS, topics.PAYMENTS, topics.CONTACTS)},
}
_EVERY = 0.25
_ANSWERS_WITHIN = 5

Place = tuple[str, int, int]


class Watch:
    """All that was seen so far. It goes on while Kafka is away, with what it missed read afterwards."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._heard: list[Heard] = []
        self._committed: dict[tuple[str, int], int] = {}
        #: For each record asked about, an instant at which it had been read.
        self._consumed: dict[Place, datetime] = {}
        self._awaited: set[Place] = set()
        self._next: dict[TopicPartition, int] = {}

    def await_consumption(self, place: Place) -> None:
        """Note from now on when the record at this topic, partition and offset has been read."""
        self._awaited.add(place)

    def consumed_by(self, place: Place) -> datetime | None:
        return self._consumed.get(place)

    def all_consumed(self, *names: str) -> bool:
        """True when every record of these topics that was asked about has been read."""
        return not any(topic in names for topic, _, _ in self._awaited)

    @property
    def heard(self) -> list[Heard]:
        """What was published, of each partition in order, with when it was read where the system reads it."""
        return [
            msgspec.structs.replace(
                each, consumed_by=self._consumed.get((each.topic, each.partition, each.offset))
            )
            for each in self._heard
        ]

    async def read_to_the_end(self) -> None:
        """Return when everything that is published now has been seen."""
        async with _consumer(self._address) as consumer:
            partitions = _partitions()
            ends = await consumer.end_offsets(partitions)
        await eventually(lambda: all(self._next.get(each, 0) >= end for each, end in ends.items()), within=60)

    async def everything_is_read(self) -> bool:
        """True when the groups have committed all that is in the topics they read."""
        async with _consumer(self._address) as consumer:
            wanted = [
                TopicPartition(topic, each)
                for topic in GROUPS
                for each in range(topics.TOPICS[topic].partitions)
            ]
            ends = await consumer.end_offsets(wanted)
        return all(
            self._committed.get((each.topic, each.partition), 0) >= end for each, end in ends.items() if end
        )

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._through_outages(self._read))
            tasks.create_task(self._through_outages(self._ask))

    async def _through_outages(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            with contextlib.suppress(KafkaError, OSError, TimeoutError):
                await work()
            await asyncio.sleep(_EVERY)

    async def _read(self) -> None:
        async with _consumer(self._address) as consumer:
            partitions = _partitions()
            consumer.assign(partitions)
            for each in partitions:
                consumer.seek(each, self._next.get(each, 0))
            while True:
                found = await consumer.getmany(timeout_ms=200)
                for partition, records in found.items():
                    for each in records:
                        self._take(each)
                    self._next[partition] = records[-1].offset + 1

    def _take(self, record: object) -> None:
        heard = read(record)
        self._heard.append(heard)
        if heard.topic in GROUPS:
            self.await_consumption((heard.topic, heard.partition, heard.offset))

    async def _ask(self) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._address, request_timeout_ms=5_000)
        async with asyncio.timeout(_ANSWERS_WITHIN):
            await admin.start()
        try:
            while True:
                for topic, group in GROUPS.items():
                    async with asyncio.timeout(_ANSWERS_WITHIN):
                        offsets = await admin.list_consumer_group_offsets(group)
                    self._note({(topic, each.partition): int(at.offset) for each, at in offsets.items()})
                await asyncio.sleep(_EVERY)
        finally:
            await admin.close()

    def _note(self, committed: Mapping[tuple[str, int], int]) -> None:
        now = SystemClock().now()
        self._committed.update(committed)
        read_now = {each for each in self._awaited if each[:2] in committed and committed[each[:2]] > each[2]}
        self._awaited -= read_now
        self._consumed.update(dict.fromkeys(read_now, now))


def read(record: object) -> Heard:
    """Read one record of what the system publishes."""
    event = json.loads(record.value)  # type: ignore[attr-defined]
    sequence = event.get("sequence")
    return Heard(
        topic=record.topic,  # type: ignore[attr-defined]
        partition=record.partition,  # type: ignore[attr-defined]
        offset=record.offset,  # type: ignore[attr-defined]
        at=datetime.fromtimestamp(record.timestamp / 1000, tz=UTC),  # type: ignore[attr-defined]
        key=record.key.decode(),  # type: ignore[attr-defined]
        id=event["id"],
        type=event["type"],
        sequence=None if sequence is None else int(sequence),
        data=event["data"],
    )


def _partitions() -> list[TopicPartition]:
    return [
        TopicPartition(topic, each) for topic in WRITTEN for each in range(topics.TOPICS[topic].partitions)
    ]


@asynccontextmanager
async def _consumer(address: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(bootstrap_servers=address, enable_auto_commit=False)
    async with asyncio.timeout(_ANSWERS_WITHIN):
        await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()
