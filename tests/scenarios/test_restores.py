"""Databases restored and lost, Kafka lost: nobody hears twice, and no stop, hold or payment is forgotten.

The roles are processes, between a Kafka and databases of their own, and the vendors' simulator.
"""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from foundation.kafka import create_topics
from foundation.local.kafka import KafkaServer, start_kafka
from foundation.local.processes import ServerUnavailable
from foundation.settings import KafkaSettings
from schemas.topics import TOPICS
from scripts.parts import Ports, Wiring, secrets_in
from tests.support.databases import Databases
from tests.support.eventually import eventually
from tests.support.servers import Servers
from tests.support.whole import IMPATIENT, Whole, is_running
from tests.support.world import SAMPLE, usd

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@dataclass(frozen=True)
class Somebody:
    """A person of the story, with a phone and a mailbox."""

    person_id: str
    phone: str

    @property
    def email(self) -> str:
        return f"{self.person_id}@example.com"


ADA, BOB, CYD, DAN = (
    Somebody(name, f"+1303555010{number}") for number, name in enumerate(("ada", "bob", "cyd", "dan"), 1)
)


class Agency(Whole):
    """The whole system of one agency, whose databases and Kafka can be lost and put back."""

    def __init__(
        self,
        *,
        servers: Servers,
        wiring: Wiring,
        env: dict[str, str],
        databases: Databases,
        kafka: KafkaServer,
    ) -> None:
        super().__init__(servers=servers, wiring=wiring, env=env)
        self._databases = databases
        self.kafka = kafka
        self._home = kafka.log.parent

    async def starts_services(self) -> None:
        """Start both services, outreach with all its roles in one process."""
        _, preferences, outreach = self._wiring.parts()
        for part in (preferences, outreach):
            server = await self._start(part.name, "run", env=part.env | self._env)
            self._running.append(server)
            await self._servers.wait_for(server, partial(is_running, server), within=90)

    async def stops_services(self) -> None:
        for server in reversed(self._running):
            assert await server.stop() == 0
        self._running.clear()

    async def backs_up(self, service: str) -> str:
        """Copy the database of a service that is stopped; return the URL of the copy."""
        return await self._databases.copy_of(self._wiring.urls[service])

    def restores(self, service: str, url: str) -> None:
        """Have a service that is stopped use another database from now on."""
        self._wiring = replace(self._wiring, urls={**self._wiring.urls, service: url})

    async def loses(self, service: str) -> None:
        """Have a service that is stopped begin with an empty database."""
        self.restores(service, await self._databases.fresh(service))

    async def loses_kafka(self) -> None:
        """Have Kafka begin anew, with none of what it had; its topics are made again."""
        self.kafka.stop()
        shutil.rmtree(self._home / "data")
        self.kafka = start_kafka(self._home)
        assert self.kafka.address == self._wiring.kafka
        await create_topics(KafkaSettings(bootstrap_servers=self.kafka.address), list(TOPICS.values()))

    async def meets(self, somebody: Somebody) -> None:
        """Say who somebody is, that they allow texts and email, and that any hour will do."""
        convenient = [{"days": DAY, "begins": "00:00", "ends": "24:00"}]
        await self.tells(
            somebody,
            (
                "person.changed.v1",
                {
                    "names": {"given": somebody.person_id.title()},
                    "addresses": [{"country": "US", "region": "CO", "postal_code": "80202"}],
                    "phones": [{"number": somebody.phone, "kind": "mobile"}],
                    "emails": [{"address": somebody.email}],
                    "convenient": convenient,
                    "preferred_channels": ["sms", "email"],
                },
            ),
            ("consent.granted.v1", {"channel": "sms", "basis": "direct"}),
            ("consent.granted.v1", {"channel": "email", "basis": "direct"}),
        )

    async def agrees(self, somebody: Somebody) -> None:
        """Say that somebody owes, and that a plan was agreed, which is confirmed in writing."""
        due_on = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()  # noqa: TID251 - as machines do
        debt_id = f"debt-of-{somebody.person_id}"
        placed = {
            "debt_id": debt_id,
            "creditor": "northwind",
            "role": "third_party",
            "reference": "NW-1",
            "balance": usd("80.00"),
        }
        plan = {
            "debt_id": debt_id,
            "plan_id": "p1",
            "instalments": [{"number": 1, "due_on": due_on, "amount": usd("80.00")}],
        }
        await self.tells(somebody, ("debt.placed.v1", placed), ("plan.agreed.v1", plan))

    async def pays(self, somebody: Somebody, payment_id: str) -> None:
        """Say that somebody paid, for which they are thanked."""
        payment = {
            "debt_id": f"debt-of-{somebody.person_id}",
            "payment_id": payment_id,
            "amount": usd("5.00"),
            "balance": usd("50.00"),
        }
        await self.tells(somebody, ("payment.received.v1", payment))

    async def tells(self, somebody: Somebody, *events: tuple[str, dict[str, Any]]) -> None:
        self.person = somebody.person_id
        await self.publishes(*events)

    async def texts(self, somebody: Somebody, text: str) -> None:
        self.phone = somebody.phone
        await self.replies(text)

    async def got(self, somebody: Somebody) -> list[str]:
        """Return what somebody was sent, by whom, in order."""
        self.person, self.phone = somebody.person_id, somebody.phone
        return [message["vendor"] for message in await self.received()]

    async def gets(self, somebody: Somebody, count: int) -> list[str]:
        """Wait until somebody was sent so much; return by whom."""

        async def has() -> bool:
            return len(await self.got(somebody)) >= count

        await eventually(has, within=90)
        return await self.got(somebody)

    async def knows(self, somebody: Somebody) -> None:
        """Wait until preferences has told of somebody's consents."""
        await self.told(somebody, consents=2)

    async def told(self, somebody: Somebody, **counts: int) -> None:
        """Wait until preferences has told of so many of these of somebody."""

        async def is_told() -> bool:
            self.person = somebody.person_id
            snapshots = await self.published("people.v1")
            return bool(snapshots) and all(
                len(snapshots[-1]["data"][name]) == count for name, count in counts.items()
            )

        await eventually(is_told, within=90)

    async def recover(self, service: str = "outreach", *options: str) -> str:
        """Return what the command says."""
        return await self.says(service, "recover", *options)

    async def says(self, service: str, *words: str) -> str:
        """Return what a command of a service says."""
        part = next(part for part in self._wiring.parts() if part.name == service)
        process = await asyncio.create_subprocess_exec(
            part.command[0], *words, env=part.env, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await process.communicate()
        return said.decode()

    async def held(self, somebody: Somebody) -> dict[str, Any]:
        """Return what outreach says that it holds of somebody, and held when they were erased."""
        said = await self.says("outreach", "erasures", somebody.person_id, "--json")
        found: dict[str, Any] = json.loads(said) if said else {"held": {}, "erased_at": None}
        return found

    async def has_erased(self, somebody: Somebody) -> dict[str, Any]:
        """Wait until outreach has erased somebody; return what it says of them."""

        async def is_erased() -> bool:
            return (await self.held(somebody))["erased_at"] is not None

        await eventually(is_erased, within=120)
        return await self.held(somebody)

    async def has_read_all(self, service: str = "outreach") -> list[dict[str, Any]]:
        """Wait until something was noticed to be missing and all of it is read; return what there was."""

        async def read() -> list[dict[str, Any]] | None:
            gaps = json.loads(await self.recover(service, "--json"))
            return gaps if gaps and not any(gap["missing"] for gap in gaps) else None

        await eventually(read, within=120)
        found = await read()
        assert found is not None
        return found


@pytest.fixture
async def agency(servers: Servers, databases: Databases, tmp_path: Path) -> AsyncIterator[Agency]:
    try:
        kafka = start_kafka(tmp_path / "kafka")
    except ServerUnavailable as problem:
        pytest.skip(str(problem))
    await create_topics(KafkaSettings(bootstrap_servers=kafka.address), list(TOPICS.values()))
    config = tmp_path / "config"
    shutil.copytree(SAMPLE, config)
    (config / "policy.yaml").write_text(IMPATIENT)
    with Ports.reserve() as ports:
        wiring = Wiring(
            ports=ports,
            secrets=secrets_in(tmp_path / "secrets.json"),
            urls={name: await databases.fresh(name) for name in ("outreach", "preferences")},
            kafka=kafka.address,
            home=tmp_path,
            config=config,
        )
        agency = Agency(
            servers=servers,
            wiring=wiring,
            env={"OUTREACH_TWILIO__CONFIRMS": "outreach"},
            databases=databases,
            kafka=kafka,
        )
        yield agency
        servers.stop_all(shows_logs=False)
        agency.kafka.stop()


async def test_outreach_restored_and_lost(agency: Agency) -> None:
    await agency.starts()
    for somebody in (ADA, BOB, CYD):
        await agency.meets(somebody)
        await agency.knows(somebody)
    await agency.agrees(ADA)
    await agency.gets(ADA, 1)
    await agency.stops_services()
    backup = await agency.backs_up("outreach")
    await agency.starts_services()

    # What the backup does not have: a message to Bob, a stop of Ada's, one of a number that nobody has.
    await agency.agrees(BOB)
    await agency.gets(BOB, 1)
    await agency.texts(ADA, "STOP.")
    assert await agency.gets(ADA, 2) == ["twilio", "twilio"]
    await agency.texts(DAN, "STOP.")
    await agency.pays(CYD, "before")
    await agency.stops_services()
    agency.restores("outreach", backup)
    await agency.starts_services()

    found = await agency.has_read_all()
    assert {gap["cause"] for gap in found} == {"behind", "own_past"}
    assert sum(gap["found"] for gap in found) > 0
    assert all(gap["lost"] == 0 for gap in found)
    assert "all that the topics keep is read" in await agency.recover()
    assert (await agency.got(BOB), len(await agency.got(ADA))) == (["twilio"], 2)
    assert "accepted" in await agency.recover("outreach", "--accept-loss")
    await agency.meets(DAN)
    await agency.agrees(DAN)
    await nobody_hears_twice_and_stops_bind(agency, ada=2, bob=1, payment="after a restore")

    await agency.stops_services()
    await agency.loses("outreach")
    await agency.starts_services()
    await agency.has_read_all()
    await agency.recover("outreach", "--accept-loss")
    await nobody_hears_twice_and_stops_bind(agency, ada=3, bob=2, payment="after a loss")


async def nobody_hears_twice_and_stops_bind(agency: Agency, *, ada: int, bob: int, payment: str) -> None:
    """See that each is thanked once more, Ada by email, and Dan never by text."""
    for somebody in (ADA, BOB):
        await agency.pays(somebody, payment.replace(" ", "-"))

    assert (await agency.gets(ADA, ada + 1))[2:] == ["sendgrid"] * (ada - 1)
    assert await agency.gets(BOB, bob + 1) == ["twilio"] * (bob + 1)
    await agency.gets(DAN, 1)
    # Whatever would be sent again was due at once.
    await asyncio.sleep(5)
    assert len(await agency.got(ADA)) == ada + 1
    assert len(await agency.got(BOB)) == bob + 1
    assert await agency.got(DAN) == ["sendgrid"]


async def test_preferences_restored_and_lost(agency: Agency) -> None:
    await agency.starts()
    for somebody in (ADA, BOB):
        await agency.meets(somebody)
        await agency.knows(somebody)
    await agency.stops_services()
    backup = await agency.backs_up("preferences")
    await agency.starts_services()

    # What the backup does not have: a lawyer, and a withdrawal.
    await agency.tells(ADA, ("hold.placed.v1", {"hold_id": "h1", "kind": "attorney_represented"}))
    await agency.tells(BOB, ("consent.withdrawn.v1", {"channel": "sms"}))
    await agency.told(ADA, holds=1)
    await agency.told(BOB, opt_outs=1)
    await agency.stops_services()
    agency.restores("preferences", backup)
    await agency.starts_services()

    found = await agency.has_read_all("preferences")
    assert {gap["cause"] for gap in found} == {"behind", "own_past"}
    assert sum(gap["found"] for gap in found) == 2
    await agency.recover("preferences", "--accept-loss")
    for somebody in (BOB, ADA):
        await agency.agrees(somebody)
    assert await agency.gets(BOB, 1) == ["sendgrid"]

    await agency.stops_services()
    await agency.loses("preferences")
    await agency.starts_services()
    await agency.has_read_all("preferences")
    await agency.recover("preferences", "--accept-loss")
    for somebody in (ADA, BOB):
        await agency.pays(somebody, "after-a-loss")

    assert await agency.gets(BOB, 2) == ["sendgrid"] * 2
    await asyncio.sleep(5)
    assert await agency.got(ADA) == []


async def test_somebody_erased_since_the_backup_is_erased_again_before_anything_is_sent(
    agency: Agency,
) -> None:
    await agency.starts()
    for somebody in (ADA, BOB):
        await agency.meets(somebody)
        await agency.knows(somebody)
        await agency.agrees(somebody)
        await agency.gets(somebody, 1)
    # Of Dan nobody has told preferences.
    await agency.agrees(DAN)

    async def is_owed_by_dan() -> bool:
        return bool((await agency.held(DAN))["held"].get("debts") == 1)

    await eventually(is_owed_by_dan, within=90)
    await agency.stops_services()
    backups = {service: await agency.backs_up(service) for service in ("preferences", "outreach")}
    await agency.starts_services()

    erased = await agency.says("preferences", "erase", ADA.person_id, "--reason", "asked", "--commit")
    assert "erased here; outreach follows" in erased
    unknown = ("preferences", "erase", DAN.person_id, "--reason", "asked", "--commit")
    assert "erased here" not in await agency.says(*unknown)
    assert "erased here" in await agency.says(*unknown, "--not-known-here")
    assert (await agency.has_erased(DAN))["went"]["debts"] == 1
    went = await agency.has_erased(ADA)
    assert (went["went"]["snapshots"], went["held"]["snapshots"]) == (1, 0)
    await agency.stops_services()
    for service, backup in backups.items():
        agency.restores(service, backup)
    # In the backups both are known, and owe: each is to be thanked at once.
    for somebody in (ADA, BOB):
        await agency.pays(somebody, "after-a-restore")
    await agency.starts_services()

    again = await agency.has_erased(ADA)
    assert (again["erased_at"], again["held"]["snapshots"]) == (went["erased_at"], 0)
    assert (await agency.has_erased(DAN))["held"]["debts"] == 0
    for service in ("preferences", "outreach"):
        await agency.has_read_all(service)
        await agency.recover(service, "--accept-loss")
    assert await agency.says("preferences", "show", ADA.person_id) == ""
    assert await agency.gets(BOB, 2) == ["twilio"] * 2
    await asyncio.sleep(5)
    assert await agency.got(ADA) == ["twilio"]


async def test_kafka_lost_with_all_its_topics(agency: Agency) -> None:
    await agency.starts()
    await agency.meets(ADA)
    await agency.knows(ADA)
    await agency.agrees(ADA)
    await agency.gets(ADA, 1)
    await agency.texts(ADA, "STOP.")
    await agency.gets(ADA, 2)
    await agency.told(ADA, opt_outs=1)
    await agency.stops_services()
    await agency.loses_kafka()
    await agency.starts_services()

    for service in ("preferences", "outreach"):
        found = await agency.has_read_all(service)
        assert {gap["cause"] for gap in found} == {"recreated"}
        assert "was made anew" in await agency.recover(service)
        await agency.recover(service, "--accept-loss")
    await agency.pays(ADA, "after-a-loss")

    assert await agency.gets(ADA, 3) == ["twilio", "twilio", "sendgrid"]
    await asyncio.sleep(5)
    assert len(await agency.got(ADA)) == 3
