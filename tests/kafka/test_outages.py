"""A broker is killed and comes back: nothing is lost, nothing runs hot, nobody restarts anything."""

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from foundation.backoff import Backoff
from foundation.clock import parse_instant
from foundation.database import Database
from foundation.kafka import publishing
from foundation.local.kafka import KafkaServer, start_kafka
from foundation.local.processes import ServerUnavailable, free_ports
from foundation.outbox import Outgoing, append, measure_backlog
from foundation.relay import Relay
from foundation.settings import KafkaSettings
from tests.foundation.reading import Notes, committed, publish, read_all, reading, subscription
from tests.foundation.test_relay import running
from tests.support.eventually import eventually

pytestmark = [pytest.mark.migrated("foundation"), pytest.mark.timeout(120), pytest.mark.xdist_group("kafka")]

AT = parse_instant("2026-03-02T12:00Z")


class MortalKafka:
    """A broker of one test, to be killed."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._server: KafkaServer = start_kafka(home)

    @property
    def address(self) -> str:
        return self._server.address

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


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[MortalKafka]:
    try:
        kafka = MortalKafka(tmp_path / "kafka")
    except ServerUnavailable as problem:
        pytest.skip(str(problem))
    yield kafka
    kafka.stop()


async def test_a_subscriber_goes_on_after_its_broker_was_killed(mortal: MortalKafka) -> None:
    topic = await mortal.create_topic("records")
    notes = Notes()
    reader = subscription(topic, notes)
    await publish(mortal.address, topic, b"1", b"2")

    async with reading(mortal.address, reader):
        await eventually(lambda: len(notes.values) == 2)
        await eventually(lambda: _is_committed(mortal, reader.group, topic, 2))
        mortal.kill()
        mortal.start()
        await publish(mortal.address, topic, b"3", b"4")
        await eventually(lambda: len(notes.values) >= 4, within=40)
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
        await eventually(lambda: relay.published == 60, within=40)

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
            Outgoing(topic=topic, key=f"p{each % 5}", type="thing.done.v1", time=AT, data={"number": each})
            for each in numbers
        ]
        await append(connection, entries, source="/tests")


async def test_a_relay_can_be_stopped_while_its_broker_is_away(
    mortal: MortalKafka, database: Database
) -> None:
    topic = await mortal.create_topic("news")
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
    mortal.start()


async def test_a_relay_waits_for_a_broker_that_was_never_there(database: Database) -> None:
    nowhere = KafkaSettings(bootstrap_servers=f"127.0.0.1:{free_ports(1)[0]}")
    failing = CountingBackoff(first=timedelta(milliseconds=50), longest=timedelta(milliseconds=500))
    relay = Relay(
        database=database, producer=partial(publishing, nowhere, client_id="relay"), backoff=failing
    )

    async with running(relay):
        await eventually(lambda: failing.pauses >= 3)

    assert relay.published == 0
