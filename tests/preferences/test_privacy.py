"""Whatever is done with a person, no log, metric, URL or refusal says who they are."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from foundation.clock import ManualClock
from foundation.database import Database
from preferences.cli.main import cli
from preferences.moving.bring_in import Importing, Report
from preferences.moving.cells import CellReader
from preferences.moving.files import open_file
from tests.preferences.callers import calling
from tests.preferences.stories import ADA, EMAIL, NOW, SMS, broken_record, happened, hears
from tests.preferences.visitors import center, meets_ada
from tests.support.logged import strictly_logged

pytestmark = pytest.mark.migrated("preferences")

NAME, WORDS, OTHER = "Lovelace", "leave me alone, my sister is ill", "+13035550199"
PERSONAL = (NAME, WORDS, SMS, SMS[2:], OTHER, OTHER[2:], EMAIL)


def says_nothing_personal(*texts: str) -> None:
    """Fail where one of these says who somebody is, where they are reached or what they said."""
    for text in texts:
        found = [personal for personal in PERSONAL if personal.casefold() in text.casefold()]
        assert found == [], text[:2000]


async def test_import_says_lines_and_remedies_alone(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    rows = [
        f"{ADA},{SMS},{EMAIL},{NAME},email,{EMAIL},2026-06-02T10:00:00Z",
        f"person-2,{SMS}{SMS},{EMAIL},{NAME},,,",
        f"person-3,,{EMAIL} {WORDS},{NAME},,,",
        f"person-4,,,={NAME},telegram,{OTHER},2026-06-02T10:00:00Z",
        f"{NAME} {WORDS},{OTHER}",
    ]
    header = "person_id,phone,email,family_name,opt_out_channel,opt_out_address,opt_out_at"
    file.write_text("\n".join([header, *rows]))
    importing = Importing(
        database=database,
        clock=ManualClock(NOW),
        reader=CellReader(as_of=NOW),
        columns={},
        caller="eve",
        commit=True,
    )
    report = Report()

    with strictly_logged() as logged:
        await importing.bring_in(open_file(file), report, progress=lambda _: None)

    assert (len(report.refused), report.changed) == (4, 1)
    says_nothing_personal(logged.getvalue(), *report.refused)


async def test_the_api_refuses_without_repeating_what_it_was_given(database: Database) -> None:
    with strictly_logged() as logged:
        async with calling(database) as crm:
            answers = [
                await crm.patch(
                    f"/v1/people/{ADA}", {"names": {"family": NAME}, "phones": [{"number": WORDS}]}
                ),
                await crm.patch(
                    f"/v1/people/{ADA}", {"emails": [{"address": EMAIL, WORDS: 1}]}, If_Match="*"
                ),
                await crm.post(f"/v1/people/{ADA}/withdrawals", {"channel": NAME, "address": OTHER}),
                await crm.post(
                    f"/v1/people/{ADA}/consents", {"channel": "sms", "address": f"{OTHER} {EMAIL}"}
                ),
                await crm.post("/v1/people/search", {"address": EMAIL, "limit": NAME}),
                await crm.get(f"/v1/people/{ADA}"),
                await crm.post("/v1/people/read", {"people": [WORDS]}),
            ]

    assert all(answer.status >= 400 for answer in answers)
    says_nothing_personal(logged.getvalue(), *(json.dumps(answer.body) for answer in answers))


async def test_pages_say_nothing_in_logs_metrics_and_urls(database: Database) -> None:
    with strictly_logged() as logged:
        await meets_ada(database)
        async with center(database) as served, served.browser() as ada:
            await ada.get()
            await ada.post("stop")
            await ada.unlock()
            await ada.post("unlock", {"postal_code": EMAIL, "birth_year": NAME})
            await ada.post("talk", {"text": WORDS, "words": WORDS})
            urls = [page.path for page in ada.seen] + [
                str(page.headers.get("Location", "")) + str(page.headers.get("Referrer-Policy", ""))
                for page in ada.seen
            ]
            metrics = served.metrics.render().decode()

    says_nothing_personal(logged.getvalue(), metrics, *urls)


async def test_a_record_nobody_can_read_is_told_of_without_its_content(database: Database) -> None:
    with strictly_logged() as logged:
        await hears(
            database,
            happened("person.changed", names={"family": NAME}, phones=[{"number": SMS}]),
            broken_record(value=f'{{"text": "{WORDS}", "from": "{SMS}"'.encode()),
        )

    async with database.transaction() as connection:
        told = await connection.fetch(
            "SELECT data::text AS data FROM outbox WHERE type = 'record.quarantined.v1'"
        )
    says_nothing_personal(logged.getvalue(), *(row["data"] for row in told))


async def test_erasing_and_listing_show_ids_and_counts(database: Database, database_url: str) -> None:
    await hears(
        database,
        happened(
            "person.changed", names={"family": NAME}, phones=[{"number": SMS}], emails=[{"address": EMAIL}]
        ),
        happened("consent.withdrawn", channel="sms", address=SMS),
    )

    async def ask(*arguments: str) -> str:
        settings = {"PREFERENCES_DATABASE_URL": database_url}
        result = await asyncio.to_thread(CliRunner().invoke, cli, list(arguments), env=settings)
        assert result.exit_code in {0, 1, 2}, result.output
        return result.output

    with strictly_logged() as logged:
        said = [
            await ask("duplicates"),
            await ask("erase", ADA, "--reason", "asked by letter"),
            await ask("erase", ADA, "--reason", " ", "--commit"),
            await ask("export", "--person", "nobody-7"),
            await ask("erase", ADA, "--reason", "asked by letter", "--commit"),
            await ask("readmit", ADA, "--reason", "anew"),
            await ask("history", ADA),
            await ask("acts", ADA),
        ]

    says_nothing_personal(logged.getvalue(), *said)
    assert "stops of person-1, 1, as digests" in said[1]
    assert "trial" in said[1]
    assert said[2] == "--reason: is empty; say why, without naming anybody\n"
