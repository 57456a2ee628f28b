"""Each role that runs alone serves its own health and metrics: nobody has to ask another for it."""

import json
import shutil
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Final

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from foundation.kafka import create_topics
from foundation.local.processes import free_ports
from foundation.settings import KafkaSettings
from outreach.app import ROLES
from schemas.topics import TOPICS
from scripts.parts import Ports, Wiring, secrets_in
from tests.support.broker import Broker
from tests.support.databases import Databases
from tests.support.eventually import eventually
from tests.support.servers import Servers
from tests.support.world import SAMPLE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

#: What a role alone answers for, in `/health/ready`.
ITS_OWN: Final = {
    "ingest": {"reading debts.v1", "keeping up with people.v1", "kafka", "kafka rights"},
    "dispatch": {"may send"},
    "relay": {"kafka", "kafka rights"},
    "http": {"database", "clock", "schema"},
}
#: And what it measures.
ITS_METRIC: Final = {
    "ingest": "outreach_kafka_lag_records",
    "dispatch": "outreach_sending_waits",
    "relay": "outreach_outbox_published",
    "http": "outreach_outbox_waiting",
}


@pytest.fixture
async def wiring(kafka: Broker, databases: Databases, tmp_path: Path) -> AsyncIterator[Wiring]:
    await kafka.empty_topics(TOPICS)
    await create_topics(KafkaSettings(bootstrap_servers=kafka.address), list(TOPICS.values()))
    config = shutil.copytree(SAMPLE, tmp_path / "config")
    with Ports.reserve() as ports:
        yield Wiring(
            ports=ports,
            secrets=secrets_in(tmp_path / "secrets.json"),
            urls={name: await databases.fresh(name) for name in ("outreach", "preferences")},
            kafka=kafka.address,
            home=tmp_path,
            config=config,
        )


async def _answer(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


async def _tells(port: int, role: str) -> bool:
    """Say whether a role tells all that it has to: of itself in health, and its figures for Prometheus."""
    try:
        _, ready = await _answer(f"http://127.0.0.1:{port}/health/ready")
        status, metrics = await _answer(f"http://127.0.0.1:{port}/metrics")
    except aiohttp.ClientError:
        return False
    families = {family.name for family in text_string_to_metric_families(metrics)}
    return (
        status == 200 and ITS_OWN[role] <= set(json.loads(ready)["checks"]) and ITS_METRIC[role] in families
    )


async def test_each_role_alone_tells_how_it_is(servers: Servers, wiring: Wiring) -> None:
    env = {name: value for name, value in wiring.parts()[2].env.items() if name.startswith("OUTREACH_")}
    ports = dict(zip(ROLES, free_ports(len(ROLES)), strict=True))

    for role in ROLES:
        own = {"OUTREACH_INTERNAL__PORT": str(ports[role])}
        await servers.start("outreach", "run", "--only", role, env=env | own)

    assert set(ROLES) == set(ITS_OWN) == set(ITS_METRIC)
    for role, port in ports.items():
        await eventually(partial(_tells, port, role), within=120)
        assert (await _answer(f"http://127.0.0.1:{port}/health/live"))[0] == 200
        # Questions about people are answered by one role alone.
        asked = await _answer(f"http://127.0.0.1:{port}/v1/people/ada/may-contact?channel=sms")
        assert asked[0] == (401 if role == "http" else 404)
