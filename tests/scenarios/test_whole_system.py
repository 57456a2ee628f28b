"""The roles as real processes between a real Kafka, a real PostgreSQL and the vendors' simulator."""

import json
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any

import aiohttp
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from foundation.kafka import create_topics
from foundation.settings import KafkaSettings
from schemas.topics import TOPICS
from scripts.parts import Ports, Wiring, secrets_in
from tests.support.broker import Broker
from tests.support.cloud_events import cloud_event, record_of
from tests.support.databases import Databases
from tests.support.driver import files_of
from tests.support.eventually import eventually
from tests.support.servers import Server, Servers
from tests.support.world import SAMPLE, usd

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
            server = await self._start("outreach", "run", "--only", role, env=outreach.env | self._env)
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

    async def replies(self, text: str) -> None:
        """Write back from the person's phone."""
        body = {"to_number": self.phone, "body": text}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.vendors}/simulate/reply", json=body) as answer,
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


@pytest.fixture
async def whole(
    servers: Servers, kafka: Broker, databases: Databases, tmp_path: Path
) -> AsyncIterator[Whole]:
    await create_topics(KafkaSettings(bootstrap_servers=kafka.address), list(TOPICS.values()))
    config = tmp_path / "config"
    shutil.copytree(SAMPLE, config)
    (config / "policy.yaml").write_text(IMPATIENT)
    (config / "playbook.yaml").write_text(files_of(SAMPLE)["playbook.yaml"])
    urls = {name: await databases.fresh(name) for name in ("outreach", "preferences")}
    env = {"OUTREACH_TWILIO__CONFIRMS": "outreach"}
    # Without the vendors' documents the simulator checks no requests; everything else is the same.
    if specs := os.environ.get("OUTREACH_VENDOR_SPECS"):
        env["SIMULATOR_SPECS"] = specs
    with Ports.reserve() as ports:
        wiring = Wiring(
            ports=ports,
            secrets=secrets_in(tmp_path / "secrets.json"),
            urls=urls,
            kafka=kafka.address,
            home=tmp_path,
            config=config,
        )
        yield Whole(servers=servers, wiring=wiring, env=env)


@pytest.mark.timeout(240)
async def test_events_become_the_right_messages_and_a_stop_ends_them(whole: Whole) -> None:
    await whole.starts()
    today = datetime.now(UTC).date()  # noqa: TID251 - the processes' clock is the machine's
    await whole.publishes(
        (
            "person.changed.v1",
            {
                "names": {"given": "Ada"},
                "addresses": [{"country": "US", "region": "CO", "postal_code": "80202"}],
                "phones": [{"number": whole.phone, "kind": "mobile"}],
                "emails": [{"address": f"{whole.person}@example.com"}],
                # Told to us directly, so the test may run at night.
                "convenient": [
                    {
                        "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                        "begins": "00:00",
                        "ends": "24:00",
                    }
                ],
            },
        ),
        ("consent.granted.v1", {"channel": "sms", "basis": "direct"}),
        ("consent.granted.v1", {"channel": "email", "basis": "direct"}),
    )
    await eventually(lambda: _allows(whole, {"sms", "email"}), within=60)

    await whole.publishes(
        (
            "debt.placed.v1",
            {
                "debt_id": "d1",
                "creditor": "northwind",
                "role": "third_party",
                "reference": "NW-1",
                "balance": usd("80.00"),
            },
        ),
        (
            "plan.agreed.v1",
            {
                "debt_id": "d1",
                "plan_id": "p1",
                "instalments": [
                    {"number": 1, "due_on": (today + timedelta(days=30)).isoformat(), "amount": usd("80.00")}
                ],
            },
        ),
    )
    await eventually(lambda: _arrived(whole, 1), within=60)
    await whole.publishes(
        (
            "payment.received.v1",
            {"debt_id": "d1", "payment_id": "pay1", "amount": usd("30.00"), "balance": usd("50.00")},
        )
    )
    await eventually(lambda: _arrived(whole, 2), within=60)

    assert [each["vendor"] for each in await whole.received()] == ["sendgrid", "twilio"]
    assert await whole.violations() == []
    await eventually(lambda: _lived(whole, "touch.delivered", 2), within=30)

    await whole.restarts_everything()
    await whole.replies("STOP.")
    await eventually(lambda: _arrived(whole, 3), within=60)
    await whole.publishes(
        (
            "payment.received.v1",
            {"debt_id": "d1", "payment_id": "pay2", "amount": usd("10.00"), "balance": usd("40.00")},
        )
    )
    await eventually(lambda: _arrived(whole, 4), within=60)

    assert [each["vendor"] for each in await whole.received()] == ["sendgrid", "twilio", "twilio", "sendgrid"]
    assert "reply.received" in await whole.hears("outreach.replies.v1")
    assert "suppression.recorded" in await whole.hears("outreach.replies.v1")
    snapshot = await eventually(lambda: _closed(whole), within=30)
    assert [each["channel"] for each in snapshot["data"]["opt_outs"]] == ["sms"]
    told = await whole.published("outreach.touches.v1")
    assert [int(each["sequence"]) for each in told] == list(range(1, len(told) + 1))


async def _allows(whole: Whole, channels: set[str]) -> bool:
    snapshots = await whole.published("people.v1")
    return bool(snapshots) and {each["channel"] for each in snapshots[-1]["data"]["consents"]} == channels


async def _arrived(whole: Whole, count: int) -> bool:
    return len(await whole.received()) >= count


async def _lived(whole: Whole, kind: str, count: int) -> bool:
    return (await whole.hears("outreach.touches.v1")).count(kind) >= count


async def _closed(whole: Whole) -> dict[str, Any] | None:
    snapshots = await whole.published("people.v1")
    return snapshots[-1] if snapshots and snapshots[-1]["data"].get("opt_outs") else None
