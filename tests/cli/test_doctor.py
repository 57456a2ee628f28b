"""`outreach doctor` and `preferences doctor` on a whole deployment: well, then broken one way at a time."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from typer.testing import CliRunner

from foundation.clock import SystemClock
from foundation.kafka import create_topics
from foundation.settings import KafkaSettings
from outreach.cli.main import cli as outreach
from preferences.cli.main import cli as preferences
from schemas.topics import TOPICS
from scripts.parts import Ports, Wiring, secrets_in
from simulator.app import running_simulator
from simulator.settings import Settings
from tests.support.broker import Broker
from tests.support.databases import Databases
from tests.support.servers import Servers
from tests.support.world import SAMPLE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CLIS: Final = {"outreach": outreach, "preferences": preferences}


async def _doctor(service: str, env: Mapping[str, str]) -> tuple[int, list[dict[str, Any]]]:
    """Return how the command ends, and what it finds."""
    answer = await asyncio.to_thread(CliRunner().invoke, CLIS[service], ["doctor", "--json"], env=dict(env))
    return answer.exit_code, json.loads(answer.output)


def _troubles(observations: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(found["condition"], found["subject"]) for found in observations if found["condition"] != "ok"]


async def _as_a_role(databases: Databases, service: str) -> str:
    """Return the URL of a database of a service, as the role that its `grant` gave the rights."""
    url = await databases.fresh(service)
    role = f"{service}_{urlsplit(url).path[1:]}"
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"CREATE ROLE {role} LOGIN")
    finally:
        await connection.close()
    env = {f"{service.upper()}_DATABASE_URL": url}
    granted = await asyncio.to_thread(CliRunner().invoke, CLIS[service], ["grant", role], env=env)
    assert granted.exit_code == 0, granted.output
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{role}@{parts.netloc.rpartition('@')[2]}"))


@pytest.fixture
async def wiring(kafka: Broker, databases: Databases, tmp_path: Path) -> AsyncIterator[Wiring]:
    """Both services' databases with a role each, all topics, and the simulator as both vendors."""
    await kafka.empty_topics(TOPICS)
    await create_topics(KafkaSettings(bootstrap_servers=kafka.address), list(TOPICS.values()))
    secrets = secrets_in(tmp_path / "secrets.json")
    with Ports.reserve() as ports:
        settings = Settings(
            outreach_url=f"http://127.0.0.1:{ports.outreach}",
            account_sid=secrets["account_sid"],
            auth_token=secrets["auth_token"],
            api_key=secrets["api_key"],
            webhook_private_key=secrets["webhook_private_key"],
        )
        async with running_simulator(settings, clock=SystemClock(), port=ports.simulator):
            yield Wiring(
                ports=ports,
                secrets=secrets,
                urls={service: await _as_a_role(databases, service) for service in CLIS},
                kafka=kafka.address,
                home=tmp_path,
                config=SAMPLE,
            )


def _env(wiring: Wiring, service: str) -> dict[str, str]:
    [part] = [part for part in wiring.parts() if part.name == service]
    return {name: value for name, value in part.env.items() if name.startswith(service.upper())}


async def test_a_deployment_of_outreach_is_well_and_what_is_broken_is_said(
    servers: Servers, wiring: Wiring, databases: Databases
) -> None:
    env = _env(wiring, "outreach")
    # The preference center is another process, which nobody starts here.
    env = {name: value for name, value in env.items() if "CENTER" not in name}
    live = f"http://127.0.0.1:{wiring.ports.outreach}/health/live"
    running = await servers.start("outreach", "run", "--only", "http", env=env, ready=live, within=90)

    code, observations = await _doctor("outreach", env)
    assert (code, _troubles(observations)) == (0, [])

    broken = {
        "twilio, webhooks": {"OUTREACH_TWILIO__AUTH_TOKEN": "wrong" * 5},
        "sendgrid": {"OUTREACH_SENDGRID__API_KEY": "wrong"},
        "sendgrid events": {"OUTREACH_SENDGRID__WEBHOOK_PUBLIC_KEY": "another"},
        "OUTREACH_HTTP__LINK_SECRET": {"OUTREACH_HTTP__LINK_SECRET": "sixteen-sixteen-"},
        "kafka": {"OUTREACH_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:1"},
        "database rights": {"OUTREACH_DATABASE_URL": await databases.fresh("outreach")},
        "database": {"OUTREACH_DATABASE_URL": "postgresql://outreach@127.0.0.1:1/outreach"},
        "schema": {"OUTREACH_DATABASE_URL": await databases.fresh()},
    }
    for subjects, changed in broken.items():
        code, observations = await _doctor("outreach", env | changed)
        assert (code, _troubles(observations)) == (
            1,
            [("wrong", subject) for subject in subjects.split(", ")],
        )

    await running.stop()
    code, observations = await _doctor("outreach", env)
    assert (code, _troubles(observations)) == (
        1,
        [("wrong", "OUTREACH_HTTP__PUBLIC_URL"), ("wrong", "webhooks")],
    )


async def test_a_deployment_of_preferences_is_well_and_what_is_broken_is_said(
    wiring: Wiring, kafka: Broker
) -> None:
    env = {name: value for name, value in _env(wiring, "preferences").items() if "PUBLIC" not in name}

    code, observations = await _doctor("preferences", env)
    assert (code, _troubles(observations)) == (0, [])

    await kafka.empty_topics(["people.v1"])
    code, observations = await _doctor("preferences", env)
    assert (code, _troubles(observations)) == (1, [("wrong", "topic people.v1")])


async def test_settings_that_cannot_be_used_end_it_in_a_line_each() -> None:
    answer = await asyncio.to_thread(CliRunner().invoke, preferences, ["doctor"], env={"PREFERENCES_X": ""})

    assert answer.exit_code == 2
    assert answer.output.splitlines() == [
        "PREFERENCES_DATABASE_URL: is required",
        "PREFERENCES_KAFKA__BOOTSTRAP_SERVERS: is required",
    ]
