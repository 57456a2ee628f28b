"""The service as a process, between a real Kafka and a real PostgreSQL."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

import aiohttp
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from foundation.database import Database
from foundation.kafka import create_topics
from foundation.settings import KafkaSettings
from schemas.topics import TOPICS
from tests.support.broker import Broker
from tests.support.cloud_events import cloud_event
from tests.support.eventually import eventually
from tests.support.servers import Server, Servers

# A killed member leaves its group only when its session is over, and starting takes long on a busy machine.
pytestmark = [pytest.mark.migrated("preferences"), pytest.mark.timeout(180)]


@pytest.fixture
async def broker(kafka: Broker) -> Broker:
    # What another test's database had read and told is none of this one's.
    await kafka.empty_topics(TOPICS)
    await create_topics(KafkaSettings(bootstrap_servers=kafka.address), list(TOPICS.values()))
    return kafka


class Preferences:
    """A preferences process and the world it talks to, about one person whom no other test knows."""

    def __init__(self, *, servers: Servers, broker: Broker, database_url: str, port: int) -> None:
        self.person = f"person-{token_hex(8)}"
        self._servers = servers
        self._broker = broker
        self._port = port
        self._env = {
            "PREFERENCES_DATABASE_URL": database_url,
            "PREFERENCES_KAFKA__BOOTSTRAP_SERVERS": broker.address,
            "PREFERENCES_INTERNAL__PORT": str(port),
            "PREFERENCES_PUBLIC__URL": "https://choices.example.com",
            "PREFERENCES_PUBLIC__PORT": "0",
            "PREFERENCES_PUBLIC__LINK_KEY": "a key of links, for these tests alone",
            "PREFERENCES_PUBLIC__CONNECTIONS": "3",
        }

    async def starts(self) -> Server:
        return await self._servers.start(
            "preferences",
            "run",
            env=self._env,
            ready=f"http://127.0.0.1:{self._port}/health/ready",
            within=60,
        )

    async def answers(self, path: str) -> tuple[int, str]:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self._port}{path}") as answer,
        ):
            return answer.status, await answer.text()

    async def is_told(self, *events: tuple[str, Mapping[str, Any]], garbage: bytes | None = None) -> None:
        """Publish as any other system would: plain JSON through a plain producer."""
        producer = AIOKafkaProducer(bootstrap_servers=self._broker.address)
        await producer.start()
        try:
            for kind, data in events:
                await producer.send_and_wait(
                    "person-events.v1", self._envelope(kind, data), key=self.person.encode()
                )
            if garbage is not None:
                await producer.send_and_wait("person-events.v1", garbage, key=self.person.encode())
        finally:
            await producer.stop()

    def _envelope(self, kind: str, data: Mapping[str, Any]) -> bytes:
        now = datetime.now(UTC)  # noqa: TID251 - the service's clock is the machine's
        event = cloud_event(kind, data, to=self.person, at=now, event_id=token_hex(8), source="/crm")
        return json.dumps(event).encode()

    async def tells(self, subject: str | None = None) -> list[dict[str, Any]]:
        """Return what `people.v1` holds about the person, or another subject, oldest first."""
        async with _reading(self._broker.address) as consumer:
            partitions = consumer.assignment()
            ends = await consumer.end_offsets(partitions)
            values: list[dict[str, Any]] = []
            while any([await consumer.position(each) < ends[each] for each in partitions]):
                found = await consumer.getmany(timeout_ms=200)
                values += [json.loads(each.value) for records in found.values() for each in records]
        return [each for each in values if each["subject"] == (subject or self.person)]


@asynccontextmanager
async def _reading(address: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer("people.v1", bootstrap_servers=address, auto_offset_reset="earliest")
    await consumer.start()
    try:
        await eventually(lambda: bool(consumer.assignment()))
        await consumer.seek_to_beginning()
        yield consumer
    finally:
        await consumer.stop()


@pytest.fixture
async def service(servers: Servers, broker: Broker, database_url: str) -> Preferences:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return Preferences(servers=servers, broker=broker, database_url=database_url, port=port)


def languages(told: Sequence[Mapping[str, Any]]) -> list[str]:
    return [each["data"].get("language") for each in told]


_POOLS = """
SELECT application_name, count(*)
  FROM pg_stat_activity
 WHERE datname = current_database() AND application_name LIKE 'preferences%'
 GROUP BY application_name
"""


async def test_what_is_heard_on_kafka_is_told_on_kafka_and_restarts_change_nothing(
    service: Preferences, database: Database
) -> None:
    server = await service.starts()
    async with database.reading() as connection:
        pools = {row["application_name"]: row["count"] for row in await connection.fetch(_POOLS)}
    # However many people look at their pages, whoever hears and tells has connections.
    assert pools["preferences pages"] == 3
    assert pools["preferences"] >= 4
    await service.is_told(("person.changed.v1", {"language": "en"}))
    await eventually(lambda: _told(service, 1))
    assert await server.stop() == 0

    await service.is_told(("person.changed.v1", {"language": "es"}))
    again = await service.starts()
    told = await eventually(lambda: _told(service, 2))

    assert languages(told) == ["en", "es"]
    first, second = [event["data"]["version"] for event in told]
    assert first < second
    assert [each["sequence"] for each in told] == ["1", "2"]
    assert await eventually(lambda: service.tells("preferences"))
    assert await again.stop() == 0


async def _told(service: Preferences, snapshots: int) -> list[dict[str, Any]]:
    found = await service.tells()
    return found if len(found) >= snapshots else []


@pytest.mark.slow
async def test_a_killed_service_forgets_nothing(service: Preferences) -> None:
    server = await service.starts()
    await service.is_told(*[("hold.placed.v1", {"hold_id": f"h-{n}", "kind": "pause"}) for n in range(30)])
    server.kill()

    await service.starts()

    async def all_holds() -> bool:
        told = await service.tells()
        return bool(told) and len(told[-1]["data"]["holds"]) == 30

    await eventually(all_holds)


@pytest.mark.slow
async def test_a_stop_is_told_at_once_and_what_cannot_be_read_is_counted(
    service: Preferences,
) -> None:
    await service.starts()
    await service.is_told(("person.changed.v1", {"language": "en"}))
    await eventually(lambda: _told(service, 1))

    async with _following(service) as consumer:
        await service.is_told(("consent.withdrawn.v1", {"channel": "sms"}), garbage=b"not json")
        told = await asyncio.wait_for(_next_about(service.person, consumer), 60)

    assert [each["channel"] for each in told["data"]["opt_outs"]] == ["sms"]

    async def counted() -> bool:
        _, metrics = await service.answers("/metrics")
        return 'preferences_quarantine_open{reason="not_json",topic="person-events.v1"} 1.0' in metrics

    await eventually(counted)
    assert (await service.answers("/health/live"))[0] == 200
    assert (await service.tells())[-1]["data"]["unreadable"]


async def _next_about(person: str, consumer: AIOKafkaConsumer) -> dict[str, Any]:
    async for each in consumer:
        told: dict[str, Any] = json.loads(each.value)
        if told["subject"] == person:
            return told
    raise AssertionError("the topic has no end")


@asynccontextmanager
async def _following(service: Preferences) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        "people.v1",
        bootstrap_servers=service._broker.address,
        auto_offset_reset="latest",
    )
    await consumer.start()
    try:
        await eventually(lambda: bool(consumer.assignment()))
        for each in consumer.assignment():
            await consumer.position(each)
        yield consumer
    finally:
        await consumer.stop()
