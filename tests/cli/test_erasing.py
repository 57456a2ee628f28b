"""What `preferences erase` and `outreach erasures` print: what goes, what stays, where, and for how long."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from foundation.database import Database
from foundation.kafka import create_topics
from foundation.settings import KafkaSettings
from outreach.cli.main import cli as outreach
from preferences.cli.main import cli as preferences
from schemas.topics import TOPICS
from tests.preferences.stories import ADA, happened, hears
from tests.preferences.test_erasure import STORY
from tests.support.broker import Broker
from tests.support.sources import ROOT
from tests.support.world import World

PAGE = ROOT / "docs" / "preferences.md"


async def says(command: str, *, url: str, code: int = 0, **settings: str) -> str:
    """Return what a command prints, run as staff would."""
    program, *arguments = command.split()
    cli = {"preferences": preferences, "outreach": outreach}[program]
    env = {f"{program.upper()}_DATABASE_URL": url, **settings}
    done = await asyncio.to_thread(CliRunner().invoke, cli, arguments, env=env)
    assert done.exit_code == code, done.output
    return done.output


@pytest.mark.migrated("preferences")
async def test_an_erasure_is_looked_at_as_the_page_says(database: Database, database_url: str) -> None:
    await hears(database, *STORY)
    command, _, printed = (
        PAGE.read_text(encoding="utf-8")
        .partition("## Being forgotten")[2]
        .partition("```sh\n")[2]
        .partition("```\n\n```text\n")
    )

    assert await says(command.strip(), url=database_url) == printed.partition("```")[0]


@pytest.mark.migrated("preferences")
async def test_a_mistyped_id_is_asked_about_and_one_that_others_know_is_erased(
    database: Database, database_url: str
) -> None:
    await hears(database, happened("person.changed", language="en"))

    slipped = await says("preferences erase person1 --reason asked", url=database_url, code=1)
    assert "preferences knows nobody by the id person1 (did you mean person-1?)" in slipped
    for commit in ("", " --commit"):
        refused = await says(f"preferences erase person1 --reason asked{commit}", url=database_url, code=1)
        assert "--not-known-here" in refused
    done = await says(
        "preferences erase account-9 --reason asked --not-known-here --commit", url=database_url
    )
    assert "nothing was ever said of this id here" in done
    assert "`outreach erasures account-9` says which" in done
    again = await says("preferences erase account-9 --reason asked --commit", url=database_url, code=1)
    assert "was erased on" in again


@pytest.mark.migrated("preferences")
async def test_how_long_topics_hold_it_is_asked_of_kafka(
    database: Database, database_url: str, kafka: Broker
) -> None:
    await hears(database, happened("person.changed", language="en"))
    settings = KafkaSettings(bootstrap_servers=kafka.address)
    await create_topics(settings, list(TOPICS.values()))

    told = await says(
        f"preferences erase {ADA} --reason asked",
        url=database_url,
        PREFERENCES_KAFKA__BOOTSTRAP_SERVERS=kafka.address,
    )
    lost = await says(
        f"preferences erase {ADA} --reason asked",
        url=database_url,
        PREFERENCES_KAFKA__BOOTSTRAP_SERVERS="127.0.0.1:1",
    )

    assert "Kafka" not in told
    assert "Kafka was not asked: 127.0.0.1:1 " in lost
    assert [line.split()[0] for line in told.splitlines() if "days" in line] == list(TOPICS)


async def test_outreach_says_whose_erasure_waits_for_what_and_what_was_held(
    database: Database, database_url: str
) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    await world.person("ada")
    await world.debt("ada", "d1")
    assert await says("outreach erasures", url=database_url) == "no erasure waits\n"
    assert "held: 1 snapshots, 2 addresses, 1 debts" in await says("outreach erasures ada", url=database_url)
    await world.hears(world.happens("debt.disputed", to="ada", debt_id="d1", dispute_id="x1"))
    await world.hears(world.erased("ada"))

    waiting = await says("outreach erasures", url=database_url)
    one = await says("outreach erasures ada", url=database_url)
    as_json = json.loads(await says("outreach erasures ada --json", url=database_url))

    assert "ada     the debt d1 is disputed (x1): publish debt.dispute_resolved" in waiting
    assert "waits, and nothing is sent meanwhile" in one
    assert "forbids an erasure: the debt d1 is disputed (x1)" in one
    assert as_json["held"]["debts"] == 1
    explained = await says("outreach explain ada", url=database_url)
    assert "Nothing is sent to them: ada is to be erased since" in explained
    assert "which waits: the debt d1 is disputed (x1)" in explained
    assert "knows nobody" in await says("outreach erasures eve", url=database_url, code=1)

    await world.person("bea", email=None, phone="+13125550177")
    await world.hears(world.erased("bea"))
    gone = await says("outreach erasures bea", url=database_url)
    assert "held then: 1 snapshots, 1 addresses" in gone
    assert gone.splitlines()[-1] == "held: nothing"
