"""`outreach preview --as`: what somebody of the database would read, and a trace of who asked."""

import asyncio
import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from foundation import acts
from foundation.database import Database
from outreach.cli.main import cli
from tests.support.world import SAMPLE, World


@pytest.fixture
def preview(database_url: str) -> Any:
    env = {"OUTREACH_DATABASE_URL": database_url, "OUTREACH_CONFIG_DIR": str(SAMPLE)}

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, cli, ["preview", *words], env=env)

    return run


async def test_it_is_read_in_their_language_and_by_their_name_and_who_asked_is_kept(
    database: Database, preview: Any
) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    ada = await world.person(language="es", names={"given": "Inés"})
    await world.debt(ada)

    shown = json.loads((await preview("check_in", "--channel", "sms", "--as", ada, "--json")).output)

    [text] = shown
    assert text["language"] == "es"
    assert "Inés" in text["rendered"]["body"]
    async with database.transaction() as connection:
        [act] = await acts.list_acts(connection, subject=ada, limit=10)
    assert act.act == "preview"


async def test_what_is_asked_for_beside_the_person_counts_more(database: Database, preview: Any) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    ada = await world.person(language="es", names={"given": "Inés"})

    shown = await preview("check_in", "--channel", "sms", "--as", ada, "--language", "en", "--person", "Ada")

    assert "Ada" in shown.output
    assert "Inés" not in shown.output


async def test_nobody_reads_as_somebody_who_is_not_known(database: Database, preview: Any) -> None:
    told = await preview("--as", "nobody")

    assert (told.exit_code, told.output) == (1, "nobody of the id nobody is known\n")
