"""Every command that changes something, or shows a person, leaves a trace of who did so."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from foundation.database import Database
from outreach.cli.main import cli as outreach_cli
from preferences.cli.main import cli as preferences_cli
from tests.support.sources import ROOT
from tests.support.world import SAMPLE, World

CLIS = {"outreach": outreach_cli, "preferences": preferences_cli}

#: Change something here, and record an act of this name, or one that begins so.
ACTING = {
    "outreach": {
        "migrate": "migrate",
        "grant": "grant",
        "pause": "pause",
        "resume": "resume",
        "cancel": "cancel",
        "answer": "answer",
        "release": "release",
        "stop": "stop",
        "unstop": "unstop",
        "recover": "recover --accept-loss",
        "tokens mint": "tokens mint",
        "tokens revoke": "tokens revoke",
        "quarantine replay": "quarantine replay",
        "quarantine dismiss": "quarantine dismiss",
        "quarantine resume": "quarantine resume",
    },
    "preferences": {
        "migrate": "migrate",
        "grant": "grant",
        "import": "import",
        "links revoke": "revoke links",
        "links unlock": "unlock the light check",
        "merge": "merge",
        "separate": "separate",
        "erase": "erase",
        "readmit": "readmit",
        "rebuild": "rebuild",
        "recover": "recover --accept-loss",
        "tokens mint": "tokens mint",
        "tokens revoke": "tokens revoke",
        "quarantine replay": "quarantine replay",
        "quarantine dismiss": "quarantine dismiss",
        "quarantine resume": "quarantine resume",
    },
}

#: Show what is known of one person, or what they wrote, and record who asked about whom.
ASKING = {
    "outreach": {"erasures", "explain", "export", "quarantine show", "waiting"},
    "preferences": {"show", "history", "export", "quarantine show"},
}

#: Change nothing that is kept here.
READING = {
    "outreach": {
        *(
            "acts",
            "audit",
            "check",
            "doctor",
            "dry-run",
            "explain-config",
            "languages",
            "pauses",
            "preview",
            "questions",
        ),
        *("policy check", "policy diff", "policy explain", "policy freshness", "policy test"),
        *("playbook check", "playbook diff", "replies understand", "story test"),
        *("quarantine list", "quarantine people", "tokens list", "wording lint"),
        # A database of its own, made for it.
        "demo",
        # The service itself; who put a config in force is kept with the config.
        "run",
        # Kafka's, whose own log says who.
        *("topics create", "events publish", "events validate"),
    },
    "preferences": {
        *(
            "acts",
            "doctor",
            "duplicates",
            "links locked",
            "quarantine list",
            "quarantine people",
            "run",
            "tokens list",
        ),
    },
}


@pytest.mark.parametrize("service", CLIS)
def test_each_command_is_said_to_act_to_ask_or_to_read(service: str) -> None:
    declared = [*ACTING[service], *ASKING[service], *READING[service]]

    assert sorted(declared) == sorted(commands_of(CLIS[service]))


@pytest.mark.parametrize("service", CLIS)
def test_what_acts_or_asks_is_recorded_where_it_is_done(service: str) -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for folder in (service, "foundation")
        for path in (ROOT / "services" / folder).rglob("*.py")
    ]
    recording = {
        word
        for source in sources
        if "acts.record" in source or "asking_about(" in source
        for word in re.findall(r"\"([a-z][a-z -]*)", source)
    }

    assert {*ACTING[service].values(), *ASKING[service]} <= recording


@pytest.fixture
def run(database_url: str) -> Any:
    """Run a command as staff would, with the database of this test."""

    async def run(service: str, *words: str, **more: str) -> Result:
        env = {
            f"{service.upper()}_DATABASE_URL": database_url,
            "OUTREACH_CONFIG_DIR": str(SAMPLE),
            **more,
        }
        return await asyncio.to_thread(CliRunner().invoke, CLIS[service], list(words), env=env)

    return run


async def acts_of(database: Database) -> list[tuple[str, str | None]]:
    async with database.transaction() as connection:
        rows = await connection.fetch("SELECT act, subject FROM acts ORDER BY act_id")
    return [(row["act"], row["subject"]) for row in rows]


async def test_whoever_looks_at_a_person_is_recorded(database: Database, run: Any) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    await world.person()
    await world.debt("ada")

    for words in (
        ("explain", "ada"),
        ("explain", "ada", "--at", "2026-03-02T22:30Z"),
        ("export", "--person", "ada"),
    ):
        assert (await run("outreach", *words)).exit_code == 0
    await run("outreach", "waiting", "ada")
    await run("outreach", "quarantine", "show", "7")

    assert await acts_of(database) == [
        ("explain", "ada"),
        ("explain", "ada"),
        ("export", "ada"),
        ("waiting", "ada"),
        ("quarantine show", "7"),
    ]


async def test_whoever_may_not_operate_sees_nobody(database: Database, run: Any) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    await world.person()

    shown = await run("outreach", "export", "--person", "ada", OUTREACH_OPERATOR_TOKEN="outreach_made-up")

    assert shown.exit_code == 2
    assert "ada@" not in shown.output
    assert await acts_of(database) == []


async def test_a_touch_that_is_cancelled_and_a_role_that_is_given_rights_are_named(
    database: Database, run: Any
) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    await world.person()
    await world.has_a_text_due()
    touch = str(await world.asks("SELECT touch_id FROM touches WHERE play = 'thank_you'"))
    role = await world.asks("SELECT current_user::text")

    assert (await run("outreach", "cancel", touch, "--reason", "told by phone")).exit_code == 0
    assert (await run("outreach", "grant", role)).exit_code == 0

    assert await acts_of(database) == [("cancel", touch), ("grant", role)]
    assert await world.asks("SELECT reason FROM acts WHERE act = 'cancel'") == "told by phone"


@pytest.mark.migrated("preferences")
async def test_what_changes_preferences_is_recorded_and_what_tries_is_not(
    database: Database, run: Any, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("person_id,given_name\nada,Ada\n", encoding="utf-8")

    assert (await run("preferences", "import", str(file), "--as-of", "2026-03-02T15:00Z")).exit_code == 0
    assert await acts_of(database) == []
    done = await run("preferences", "import", str(file), "--as-of", "2026-03-02T15:00Z", "--commit")
    assert done.exit_code == 0, done.output
    assert (await run("preferences", "rebuild", "--check")).exit_code == 0
    assert (await run("preferences", "rebuild")).exit_code == 0
    assert (await run("preferences", "show", "ada")).exit_code == 0
    assert (await run("preferences", "history", "ada")).exit_code == 0
    assert (await run("preferences", "export")).exit_code == 0

    assert await acts_of(database) == [
        ("import", None),
        ("rebuild", None),
        ("show", "ada"),
        ("history", "ada"),
        ("export", None),
    ]


@pytest.mark.migrated(None)
@pytest.mark.parametrize("service", CLIS)
async def test_who_migrated_is_recorded_once(database: Database, run: Any, service: str) -> None:
    assert (await run(service, "migrate")).exit_code == 0
    assert (await run(service, "migrate")).exit_code == 0

    assert await acts_of(database) == [("migrate", None)]


def commands_of(cli: typer.Typer) -> Iterator[str]:
    """Yield every command by its words."""
    return leaves(typer.main.get_command(cli), ())


def leaves(command: Any, words: tuple[str, ...]) -> Iterator[str]:
    if not hasattr(command, "list_commands"):
        yield " ".join(words)
        return
    context = command.context_class(command)
    for name in command.list_commands(context):
        _, found, _ = command.resolve_command(context, [name])
        yield from leaves(found, (*words, name))
