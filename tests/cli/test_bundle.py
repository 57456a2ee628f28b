"""What is kept of one person, by both services in one folder, as files that the person can read."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from foundation import acts
from foundation.bundle import write_bundle
from foundation.database import Database
from outreach.desk.export import export_person as export_outreach
from preferences.desk.exporting import export_person
from tests.preferences.stories import ADA, NOW, SMS, broken_record, happened, hears
from tests.support.databases import Databases
from tests.support.sources import ROOT
from tests.support.staff import STAFF
from tests.support.world import World


@pytest.mark.migrated("preferences")
async def test_all_that_preferences_keeps_of_somebody_is_told_them(
    database: Database, tmp_path: Path
) -> None:
    slip = happened("person.changed", "2026-11-21T10:00Z", language="fr")
    await hears(
        database,
        happened("person.changed", names={"given": "Ada"}, phones=[{"number": SMS}]),
        happened(
            "reply.received",
            reply_id="r-1",
            channel="sms",
            understood="other",
            needs_human=True,
            text="my sister is ill",
            received_at="2026-11-20T10:00:00Z",
        ),
        slip,
        happened("statement.corrected", event_source="/crm", event_id=slip.id, reason="misheard"),
        broken_record(),
    )
    async with database.transaction() as connection:
        await acts.record(connection, STAFF, "show", subject=ADA, now=NOW)

    async with database.reading() as connection:
        story = await export_person(connection, ADA, now=NOW)
        assert await export_person(connection, "nobody", now=NOW) is None

    assert story is not None
    assert [entry["type"] for entry in story["said"]] == [
        "person.changed.v1",
        "reply.received.v1",
        "person.changed.v1",
        "statement.corrected.v1",
    ]
    assert not any("person_id" in entry or "person_id" in entry["data"] for entry in story["said"])
    assert [act["act"] for act in story["acts"]] == ["show"]
    assert [record["value"] for record in story["kept_aside"]] == ["not json"]
    assert story["known"]["holds"][0]["kind"] == "with_human"
    read, text = write_bundle(tmp_path / "answer", name="preferences", about="What is kept.", story=story)
    assert json.loads(read.read_text())["known"]["names"] == {"given": "Ada"}
    lines = text.read_text().splitlines()
    assert lines[0] == "What is kept."
    assert "        text: my sister is ill" in lines or "      text: my sister is ill" in lines
    assert [file.stat().st_mode & 0o077 for file in (read, text, tmp_path / "answer")] == [0, 0, 0]


async def test_all_that_outreach_keeps_of_somebody_is_told_them(database: Database) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    await world.person("ada")
    await world.has_a_text_due()
    await world.works()
    await world.answers("I want to talk to somebody, my sister is ill")
    await world.releases("ada")

    async with database.transaction() as connection:
        story: Any = await export_outreach(connection, "ada")

    assert [one["decided"] for one in story["given_to_humans"]] == ["none"]
    assert [reply["text"] for reply in story["replies"]] == ["I want to talk to somebody, my sister is ill"]
    assert {act["act"] for act in story["acts"]} == {"release: none"}
    assert [one["lifted_at"] is not None for one in story["suppressions"]] == [True]
    assert (story["erased_at"], story["other_ids"]) == (None, [])


async def test_both_services_write_into_one_folder_as_the_page_says(
    databases: Databases, tmp_path: Path
) -> None:
    page = (ROOT / "docs" / "preferences.md").read_text()
    commands, _, printed = (
        page.partition("## What is kept of me?")[2].partition("```sh\n")[2].partition("```\n\n```text\n")
    )
    urls = {name: await databases.fresh(name) for name in ("preferences", "outreach")}
    async with Database.open(urls["preferences"], size=2, name="p") as preferences:
        await hears(preferences, happened("person.changed", language="en"))
    async with Database.open(urls["outreach"], size=2, name="o") as outreach:
        world = World(outreach, now="2026-03-02T15:00Z")
        await world.person(ADA)
    settings = {"PREFERENCES_DATABASE_URL": urls["preferences"], "OUTREACH_DATABASE_URL": urls["outreach"]}

    told = []
    for command in commands.splitlines():
        program, *arguments = command.split()
        run = await asyncio.create_subprocess_exec(
            str(Path(sys.executable).with_name(program)),
            *arguments,
            cwd=tmp_path,
            env={**os.environ, **settings},
            stdout=asyncio.subprocess.PIPE,
        )
        told.append((await run.communicate())[0].decode())

    assert "".join(told) == printed.partition("```")[0]
    assert {file.name for file in (tmp_path / "request-17").iterdir()} == {
        Path(line).name for line in "".join(told).splitlines()
    }
    for url in urls.values():
        await databases.drop(url)
