"""A broker is killed and comes back: nothing is lost, nothing runs hot, nobody restarts anything."""

import json
import os
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from foundation import inbox, offsets
from foundation.backoff import Backoff
from foundation.clock import parse_instant
from foundation.database import Database, DatabaseUnavailable
from foundation.inbox import HeardEvent
from foundation.kafka import publishing
from foundation.local.kafka import KafkaServer, start_kafka
from foundation.local.postgres import start_postgres
from foundation.local.processes import ServerUnavailable, free_ports
from foundation.migrations import migrate
from foundation.outbox import OutgoingEvent, append, measure_backlog
from foundation.quarantine import MalformedRecord
from foundation.records import Record
from foundation.relay import Relay
from foundation.settings import KafkaSettings
from tests.foundation.reading import Notes, committed, publish, read_all, reading, subscription
from tests.foundation.test_relay import running
from tests.support.eventually import eventually

pytestmark = [
    pytest.mark.slow,
    pytest.mark.migrated("foundation"),
    pytest.mark.timeout(120),
    pytest.mark.xdist_group("mortal"),
]

AT = parse_instant("2026-03-02T12:00Z")


class MortalKafka:
    """A broker to be killed."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._server: KafkaServer = start_kafka(home)

    @property
    def address(self) -> str:
        return self._server.address

    @property
    def is_alive(self) -> bool:
        return self._server.process.poll() is None

    def kill(self) -> None:
        self._server.process.kill()
        self._server.process.wait()

    def start(self) -> None:
        self._server = start_kafka(self._home)

    def stop(self) -> None:
        self._server.stop()

    async def create_topic(self, name: str, *, partitions: int = 1) -> str:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address)
        await admin.start()
        try:
            await admin.create_topics([NewTopic(name, partitions, 1)])
        finally:
            await admin.close()
        return name


@pytest.fixture(scope="module")
def one_mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MortalKafka]:
    try:
        kafka = MortalKafka(tmp_path_factory.mktemp("mortal-kafka"))
    except ServerUnavailable as problem:
        if os.environ.get("OUTREACH_REQUIRE_KAFKA") == "1":
            raise
        pytest.skip(str(problem))
    yield kafka
    kafka.stop()


@pytest.fixture
def mortal(one_mortal: MortalKafka) -> MortalKafka:
    """A broker that is alive, whatever the test before did to it."""
    if not one_mortal.is_alive:
        one_mortal.start()
    return one_mortal


async def test_a_subscriber_goes_on_after_its_broker_was_killed(mortal: MortalKafka) -> None:
    topic = await mortal.create_topic("killed-while-read")
    notes = Notes()
    reader = subscription(topic, notes)
    await publish(mortal.address, topic, b"1", b"2")

    async with reading(mortal.address, reader):
        await eventually(lambda: len(notes.values) == 2)
        await eventually(lambda: _is_committed(mortal, reader.group, topic, 2))
        mortal.kill()
        mortal.start()
        await publish(mortal.address, topic, b"3", b"4")
        await eventually(lambda: len(notes.values) >= 4)
        calls = notes.calls

    assert notes.values == [b"1", b"2", b"3", b"4"]
    assert calls <= 4
    assert await committed(mortal.address, reader.group, topic) == 4


async def _is_committed(mortal: MortalKafka, group: str, topic: str, offset: int) -> bool:
    return await committed(mortal.address, group, topic) == offset


async def test_the_relay_goes_on_after_its_broker_was_killed(mortal: MortalKafka, database: Database) -> None:
    topic = await mortal.create_topic("news", partitions=3)
    failing = CountingBackoff(first=timedelta(milliseconds=50), longest=timedelta(milliseconds=500))
    relay = Relay(
        database=database,
        producer=partial(publishing, KafkaSettings(bootstrap_servers=mortal.address), client_id="relay"),
        tick=timedelta(milliseconds=100),
        backoff=failing,
    )
    async with running(relay):
        await _append(database, topic, range(20))
        await eventually(lambda: relay.published == 20)
        mortal.kill()
        await _append(database, topic, range(20, 40))
        mortal.start()
        await _append(database, topic, range(40, 60))
        await eventually(lambda: relay.published == 60)

    assert failing.pauses < 5
    events = [json.loads(each.value or b"") for each in await read_all(mortal.address, topic)]
    for key in ("p0", "p1", "p2", "p3", "p4"):
        heard = _first_time([int(each["sequence"]) for each in events if each["subject"] == key])
        assert heard == list(range(1, 13)), key


class CountingBackoff(Backoff):
    pauses: int = 0

    def next_pause(self) -> timedelta:
        self.pauses += 1
        return super().next_pause()


def _first_time(numbers: list[int]) -> list[int]:
    return list(dict.fromkeys(numbers))


async def _append(database: Database, topic: str, numbers: range) -> None:
    async with database.transaction() as connection:
        entries = [
            OutgoingEvent(
                topic=topic, key=f"p{each % 5}", type="thing.done.v1", time=AT, data={"number": each}
            )
            for each in numbers
        ]
        await append(connection, entries, source="/tests")


async def test_a_relay_can_be_stopped_while_its_broker_is_away(
    mortal: MortalKafka, database: Database
) -> None:
    topic = await mortal.create_topic("killed-and-left")
    relay = Relay(
        database=database,
        producer=partial(publishing, KafkaSettings(bootstrap_servers=mortal.address), client_id="relay"),
    )
    async with running(relay):
        await eventually(lambda: relay.leading)
        await _append(database, topic, range(3))
        await eventually(lambda: relay.published == 3)
        mortal.kill()
        await _append(database, topic, range(3, 6))

    async with database.transaction() as connection:
        assert (await measure_backlog(connection))[0] == 3


async def test_a_relay_waits_for_a_broker_that_was_never_there(database: Database) -> None:
    nowhere = KafkaSettings(bootstrap_servers=f"127.0.0.1:{free_ports(1)[0]}")
    failing = CountingBackoff(first=timedelta(milliseconds=50), longest=timedelta(milliseconds=500))
    relay = Relay(
        database=database, producer=partial(publishing, nowhere, client_id="relay"), backoff=failing
    )

    async with running(relay):
        await eventually(lambda: failing.pauses >= 3)

    assert relay.published == 0


async def test_a_database_outage_pauses_reading_and_loses_nothing(mortal: MortalKafka) -> None:
    topic = await mortal.create_topic("outage", partitions=2)
    with TemporaryDirectory(prefix="pg-") as home:
        server = start_postgres(Path(home), durable=False)
        try:
            await migrate(server.url, package="foundation")
            async with Database.open(server.url, size=2, name="test") as database:
                work = Hearing(database)
                reader = subscription(topic, work)
                async with reading(mortal.address, reader):
                    await _publish_numbers(mortal, topic, range(20))
                    await eventually(lambda: len(work.heard) == 20)

                    server.stop()
                    await _publish_numbers(mortal, topic, range(20, 40))
                    await eventually(lambda: work.refused >= 4)
                    assert reader.standing().failing_since is not None
                    assert work.refused < 30
                    server = start_postgres(Path(home), durable=False)
                    await eventually(lambda: len(work.heard) == 40)

                async with database.transaction() as connection:
                    stored = await offsets.read(connection, reader.group)
        finally:
            server.stop()

    assert sorted(work.heard) == sorted(str(each) for each in range(40))
    assert sum(stored.values()) == 40
    assert await committed(mortal.address, reader.group, topic, partitions=2) == 40


class Hearing:
    """Work as a service does it: what is new goes into the inbox, with the offsets, in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.heard: list[str] = []
        self.refused = 0

    async def __call__(self, records: Sequence[Record]) -> Collection[MalformedRecord]:
        try:
            async with self._database.transaction() as connection:
                numbers = [(each.value or b"").decode() for each in records]
                heard = [HeardEvent("/tests", number, number.encode()) for number in numbers]
                verdicts = await inbox.hear(connection, heard, now=AT)
                await offsets.store(connection, "outage-readers", records)
        except DatabaseUnavailable:
            self.refused += 1
            raise
        self.heard += [number for number, verdict in zip(numbers, verdicts, strict=True) if verdict == "new"]
        return []


async def _publish_numbers(mortal: MortalKafka, topic: str, numbers: range) -> None:
    for partition in range(2):
        values = [b"%d" % each for each in numbers if each % 2 == partition]
        await publish(mortal.address, topic, *values, partition=partition)
