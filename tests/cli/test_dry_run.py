"""`outreach dry-run`: what a play in dry run would have sent is listed, and nobody got it."""

import asyncio
import json

from typer.testing import CliRunner

from foundation.database import Database
from outreach.cli.main import cli


async def test_what_nobody_has_in_dry_run_is_an_empty_list(database: Database, database_url: str) -> None:
    told = await asyncio.to_thread(
        CliRunner().invoke, cli, ["dry-run", "--json"], env={"OUTREACH_DATABASE_URL": database_url}
    )

    assert (told.exit_code, json.loads(told.output)) == (0, [])


async def test_a_touch_that_was_withheld_is_listed_with_its_play(
    database: Database, database_url: str
) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO touches (touch_id, person_id, debt_id, play, occasion, purpose, wording, channels,"
            " priority, patience, creditor, role, details, planned_for, due_at, expires_at, status, reason,"
            " changed_at) VALUES (gen_random_uuid(), 'ada', 'd1', 'check_in', 'o', 'check_in', 'check_in',"
            " '{sms}', 50, interval '1 day', 'northwind', 'third_party', '{}', now(), now(),"
            " now() + interval '1 day', 'cancelled', 'dry_run', now())"
        )

    told = await asyncio.to_thread(
        CliRunner().invoke, cli, ["dry-run", "--since", "1d"], env={"OUTREACH_DATABASE_URL": database_url}
    )

    assert "1 message would have been sent in the last 1d" in told.output
    assert "check_in" in told.output
