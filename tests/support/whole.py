"""The whole system as real processes, and an independent publisher and reader beside it."""

import io
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from secrets import token_hex
from typing import Any

import aiohttp
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from scripts.parts import Wiring
from tests.support.cloud_events import cloud_event, record_of
from tests.support.eventually import eventually
from tests.support.servers import Server, Servers

ROLES = ("ingest", "dispatch", "relay", "http")

#: The test runs at any hour and is in a hurry: this agency has set the house's patience aside.
_WAIVED = '{rule: house.%s, reason: "a test cannot wait", decided_by: tests, decided_on: "2026-01-01"}'
IMPATIENT = "\n".join(
    ["policy: impatient", "waive:", *(f"  - {_WAIVED % rule}" for rule in ("day", "week", "spacing"))]
)


def is_running(server: Server) -> bool:
    return '"running"' in server.written()


class Whole:
    """The whole system, and an independent publisher and reader."""

    def __init__(self, *, servers: Servers, wiring: Wiring, env: dict[str, str]) -> None:
        self.person = f"person-{token_hex(4)}"
        self.phone = f"+1303555{int(token_hex(2), 16) % 100 + 100:04}"
        self._servers = servers
        self._wiring = wiring
        self._env = env
        self._running: list[Server] = []

    def sets(self, **env: str) -> None:
        """Have whatever is started from now on find these in its environment too."""
        self._env |= env

    async def starts(self) -> None:
        simulator, preferences, _ = self._wiring.parts()
        await self._start("simulator", "run", env=simulator.env | self._env, ready=simulator.ready)
        await self.starts_services()
        del preferences

    async def starts_services(self) -> None:
        _, preferences, outreach = self._wiring.parts()
        self._running.append(
            await self._start("preferences", "run", env=preferences.env | self._env, ready=preferences.ready)
        )
        for role in ROLES:
            # One role is asked questions; the others serve their health where they find room.
            port = {} if role == "http" else {"OUTREACH_INTERNAL__PORT": "0"}
            server = await self._start("outreach", "run", "--only", role, env=outreach.env | self._env | port)
            self._running.append(server)
        for server in self._running[1:]:
            await self._servers.wait_for(server, partial(is_running, server), within=60)

    async def restarts_everything(self) -> None:
        for server in self._running:
            assert await server.stop() == 0
        self._running.clear()
        await self.starts_services()

    async def _start(
        self, name: str, *arguments: str, env: Mapping[str, str], ready: str | None = None
    ) -> Server:
        return await self._servers.start(name, *arguments, env=env, ready=ready, within=60)

    async def publishes(self, *events: tuple[str, Mapping[str, Any]]) -> None:
        """Publish as any other system would: JSON through a plain producer."""
        producer = AIOKafkaProducer(bootstrap_servers=self._wiring.kafka)
        await producer.start()
        try:
            for kind, data in events:
                now = datetime.now(UTC)  # noqa: TID251 - the processes' clock is the machine's
                event = cloud_event(kind, data, to=self.person, at=now, event_id=token_hex(8))
                record = record_of(event)
                await producer.send_and_wait(record.topic, record.value, key=record.key)
        finally:
            await producer.stop()

    async def received(self) -> list[dict[str, Any]]:
        """Return what the vendors took for this person's phone and mailbox."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.vendors}/received") as answer:
            messages = (await answer.json())["messages"]
        return [each for each in messages if each["to"] in (self.phone, f"{self.person}@example.com")]

    async def violations(self) -> list[str]:
        """Return where requests broke the vendors' own OpenAPI documents."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.vendors}/received") as answer:
            return list((await answer.json())["violations"])

    async def mails(self, text: str, *, secret: str, picture: bytes) -> int:
        """Have the person email us with a picture, as SendGrid posts it; return the status."""
        sender = f"{self.person}@example.com"
        form = aiohttp.FormData()
        form.add_field("attachment1", io.BytesIO(picture), filename="photo.png")
        for name, value in {
            "from": sender,
            "to": "hello@reply.example.com",
            "subject": "Re: your account",
            "text": text,
            "envelope": json.dumps({"to": ["hello@reply.example.com"], "from": sender}),
        }.items():
            form.add_field(name, value)
        url = f"http://127.0.0.1:{self._wiring.ports.outreach}/webhooks/sendgrid/inbound"
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, params={"secret": secret}, data=form) as answer,
        ):
            return answer.status

    async def replies(self, text: str) -> None:
        """Write back from the person's phone."""
        body = {"to_number": self.phone, "body": text}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.vendors}/simulate/reply", json=body) as answer,
        ):
            assert answer.status < 300, await answer.text()

    async def misbehaves(self, **fault: Any) -> None:
        """Have the vendors do this to messages from now on, as `simulator.faults.Fault` says it."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.vendors}/simulate/faults", json=fault) as answer,
        ):
            assert answer.status < 300, await answer.text()

    async def hears(self, topic: str) -> list[str]:
        """Return the types of what outreach has published about the person."""
        return [each["type"].removesuffix(".v1") for each in await self.published(topic)]

    async def published(self, topic: str) -> list[dict[str, Any]]:
        async with _reading(self._wiring.kafka, topic) as consumer:
            partitions = consumer.assignment()
            ends = await consumer.end_offsets(partitions)
            values: list[dict[str, Any]] = []
            while any([await consumer.position(each) < ends[each] for each in partitions]):
                found = await consumer.getmany(timeout_ms=200)
                values += [json.loads(each.value) for records in found.values() for each in records]
        return [each for each in values if each["subject"] == self.person]

    @property
    def vendors(self) -> str:
        return f"http://127.0.0.1:{self._wiring.ports.simulator}"


@asynccontextmanager
async def _reading(address: str, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=address, auto_offset_reset="earliest")
    await consumer.start()
    try:
        await eventually(lambda: bool(consumer.assignment()))
        await consumer.seek_to_beginning()
        yield consumer
    finally:
        await consumer.stop()
