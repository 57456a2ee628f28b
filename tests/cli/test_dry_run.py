"""`outreach dry-run`: what a play in dry run would have sent is listed, and nobody got it."""

import asyncio
import json

from typer.testing import CliRunner, Result

from foundation.database import Database
from outreach.cli.main import cli
from outreach.guidance.files.folder import read_folder
from tests.support.world import SAMPLE, World


async def test_what_nobody_has_in_dry_run_is_an_empty_list(database: Database, database_url: str) -> None:
    told = await asyncio.to_thread(
        CliRunner().invoke, cli, ["dry-run", "--json"], env={"OUTREACH_DATABASE_URL": database_url}
    )

    assert (told.exit_code, json.loads(told.output)) == (0, [])


async def test_what_a_play_in_dry_run_would_have_sent_is_listed_and_nobody_gets_it(
    database: Database, database_url: str
) -> None:
    playbook = read_folder(SAMPLE)["playbook.yaml"]
    pilot = playbook.replace("  introduction:\n", "  introduction:\n    dry_run: true\n", 1)
    world = World(database, now="2026-03-02T15:00Z", files={**read_folder(SAMPLE), "playbook.yaml": pilot})
    ada = await world.person()
    await world.debt(ada)

    await world.works_until("2026-03-02T17:00Z")
    listed, of_another = [
        json.loads((await told(database_url, "--since", "3650d", *words, "--json")).output)
        for words in ((), ("--play", "check_in"))
    ]

    assert world.sent == []
    assert [(message["play"], message["person_id"], message["channel"]) for message in listed] == [
        ("introduction", ada, "email")
    ]
    assert of_another == []
    in_words = (await told(database_url, "--since", "3650d")).output
    assert "1 message would have been sent in the last 3650d" in in_words
    assert "introduction" in in_words


async def test_a_play_that_nobody_has_is_refused(database: Database, database_url: str) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    await world.person()

    answer = await told(database_url, "--play", "chek_in")

    assert answer.exit_code == 1
    assert "no play is called `chek_in`; did you mean `check_in`?" in answer.output


async def told(database_url: str, *words: str) -> Result:
    env = {"OUTREACH_DATABASE_URL": database_url, "OUTREACH_CONFIG_DIR": str(SAMPLE)}
    return await asyncio.to_thread(CliRunner().invoke, cli, ["dry-run", *words], env=env)
