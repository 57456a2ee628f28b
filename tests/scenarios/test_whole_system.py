"""The roles as real processes between a real Kafka, a real PostgreSQL and the vendors' simulator."""

import os
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from foundation.kafka import create_topics
from foundation.settings import KafkaSettings
from schemas.topics import TOPICS
from scripts.parts import Ports, Wiring, secrets_in
from tests.support.broker import Broker
from tests.support.databases import Databases
from tests.support.driver import files_of
from tests.support.eventually import eventually
from tests.support.servers import Servers
from tests.support.whole import IMPATIENT, Whole
from tests.support.world import SAMPLE, usd

MAIL_SECRET = "a secret for mail only"


@pytest.fixture
async def whole(
    servers: Servers, kafka: Broker, databases: Databases, tmp_path: Path
) -> AsyncIterator[Whole]:
    # What another test's databases had read and published is none of these.
    await kafka.empty_topics(TOPICS)
    await create_topics(KafkaSettings(bootstrap_servers=kafka.address), list(TOPICS.values()))
    config = tmp_path / "config"
    shutil.copytree(SAMPLE, config)
    (config / "policy.yaml").write_text(IMPATIENT)
    (config / "playbook.yaml").write_text(files_of(SAMPLE)["playbook.yaml"])
    urls = {name: await databases.fresh(name) for name in ("outreach", "preferences")}
    env = {
        "OUTREACH_TWILIO__CONFIRMS": "outreach",
        "OUTREACH_SENDGRID__REPLY_DOMAIN": "reply.example.com",
        "OUTREACH_SENDGRID__INBOUND_SECRET": MAIL_SECRET,
    }
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


@pytest.mark.slow
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
    await eventually(lambda: _lived(whole, "touch.delivered", 2))

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
    snapshot = await eventually(lambda: _closed(whole))
    assert [each["channel"] for each in snapshot["data"]["opt_outs"]] == ["sms"]
    told = await whole.published("outreach.touches.v1")
    assert [int(each["sequence"]) for each in told] == list(range(1, len(told) + 1))

    # Larger than any other body that is taken, for people send pictures.
    assert await whole.mails("Please stop emailing me.", secret=MAIL_SECRET, picture=b"\0" * 8_000_000) == 204
    await eventually(lambda: _closes_everything_written(whole))


#: They share one telephone, so that many texts to one number are due at once.
FAMILY = [
    f"{name}-{number}-of-the-family" for number in (1, 2, 3) for name in ("ada", "bob", "cyd", "dan", "eve")
]
EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_stop_while_messages_go_out_ends_all_that_no_vendor_was_called_for(whole: Whole) -> None:
    whole.sets(OUTREACH_DISPATCH__WORKERS="1")
    await whole.starts()
    await whole.misbehaves(kind="delay", seconds=2.0)
    for name in FAMILY:
        await _allows_texts(whole, name)
    await eventually(lambda: _all_allow_texts(whole), within=60)
    for name in FAMILY:
        await _pays(whole, name)
    await eventually(lambda: _texted(whole, 2), within=60)

    await whole.replies("STOP")
    called = len(await whole.received())

    # One call may have been under way, and the stop is confirmed once.
    await eventually(lambda: _all_are_settled(whole), within=60)
    assert called < len(FAMILY)
    assert len(await whole.received()) <= called + 2


async def _allows_texts(whole: Whole, name: str) -> None:
    whole.person = name
    await whole.publishes(
        (
            "person.changed.v1",
            {
                "names": {"given": name[:3].title()},
                "addresses": [{"country": "US", "region": "CO", "postal_code": "80202"}],
                "phones": [{"number": whole.phone, "kind": "mobile"}],
                "convenient": [{"days": EVERY_DAY, "begins": "00:00", "ends": "24:00"}],
            },
        ),
        ("consent.granted.v1", {"channel": "sms", "basis": "direct"}),
    )


async def _all_allow_texts(whole: Whole) -> bool:
    for name in FAMILY:
        whole.person = name
        if not await _allows(whole, {"sms"}):
            return False
    return True


async def _pays(whole: Whole, name: str) -> None:
    whole.person = name
    debt = {"debt_id": f"debt-of-{name}"}
    placed = {"creditor": "northwind", "role": "third_party", "reference": "NW-1", "balance": usd("80.00")}
    paid = {"payment_id": f"payment-of-{name}", "amount": usd("30.00"), "balance": usd("50.00")}
    await whole.publishes(("debt.placed.v1", debt | placed), ("payment.received.v1", debt | paid))


async def _texted(whole: Whole, count: int) -> bool:
    return len(await whole.received()) >= count


async def _all_are_settled(whole: Whole) -> bool:
    """Whether of everybody's thanks it is told that they are accepted, or that they will not go."""
    for name in FAMILY:
        whole.person = name
        told = {
            event["type"]
            for event in await whole.published("outreach.touches.v1")
            if event["data"]["play"] == "thank_you"
        }
        if not told & {"touch.accepted.v1", "touch.suppressed.v1"}:
            return False
    return True


async def _closes_everything_written(whole: Whole) -> bool:
    snapshots = await whole.published("people.v1")
    return {each["channel"] for each in snapshots[-1]["data"]["opt_outs"]} == {"sms", "email"}


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
