"""The ledger at rest: nothing said is lost or changed, and whatever is known is drawn from it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib.resources import files
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

from foundation.clock import ManualClock
from foundation.database import Connection, Database
from foundation.grants import grant_service
from preferences.cli.main import cli
from preferences.desk.history import PersonNotFound, read_history
from preferences.ledger import rebuild as rebuilding
from schemas.envelope import Event
from tests.preferences.stories import ADA, EMAIL, NOW, SMS, broken_record, happened, hears, latest, snapshots

pytestmark = pytest.mark.migrated("preferences")

CLOCK = ManualClock(NOW)

MONDAY: list[Event] = [
    happened(
        "person.changed",
        language="es",
        phones=[{"number": SMS}],
        quiet_hours={"begins": "20:00", "ends": "09:00"},
    ),
    happened("consent.granted", channel="sms", basis="direct", address=SMS),
    happened("hold.placed", hold_id="h-1", kind="hardship"),
]


async def pages(of: AsyncIterator[list[str]]) -> list[str]:
    return [person async for page in of for person in page]


async def differing(database: Database) -> list[str]:
    return await pages(rebuilding.differing(database=database, clock=CLOCK))


async def run(database: Database, statement: str) -> None:
    async with database.transaction() as connection:
        await connection.execute(statement)


async def test_everything_heard_is_an_entry_with_its_caller(database: Database) -> None:
    await hears(database, *MONDAY)

    async with database.reading() as connection:
        found = await read_history(connection, ADA, at=NOW + timedelta(minutes=1))

    assert [(entry.type, entry.caller, entry.scope) for entry in found.entries] == [
        ("person.changed.v1", "/crm", "all"),
        ("consent.granted.v1", "/crm", SMS),
        ("hold.placed.v1", "/crm", "all"),
    ]
    assert await differing(database) == []


async def test_what_was_known_at_an_instant_is_drawn_from_what_was_heard_by_then(database: Database) -> None:
    await hears(database, MONDAY[0], broken_record())
    await hears(
        database, happened("person.changed", "2026-11-23T10:00Z", language="en"), now=NOW + timedelta(hours=1)
    )

    async with database.reading() as connection:
        then = await read_history(connection, ADA, at=NOW + timedelta(minutes=1))
        later = await read_history(connection, ADA, at=NOW + timedelta(hours=2))
        with pytest.raises(PersonNotFound):
            await read_history(connection, ADA, at=NOW - timedelta(seconds=1))

    assert (then.snapshot["language"], later.snapshot["language"]) == ("es", "en")
    told = (await latest(database)).model_dump(mode="json", exclude_unset=True, exclude={"version"})
    assert {**later.snapshot, "changed_at": told["changed_at"]} == told


async def test_a_correction_counts_for_what_was_told_before_it(database: Database) -> None:
    slip = happened("person.changed", "2026-11-21T10:00Z", language="fr")
    await hears(database, *MONDAY, slip)
    await hears(
        database, happened("statement.corrected", event_source="/crm", event_id=slip.id, reason="misheard")
    )

    assert [snapshot.language for snapshot in await snapshots(database)] == ["fr", "es"]
    assert await differing(database) == []


async def test_a_correction_counts_for_what_is_told_after_it(database: Database) -> None:
    slip = happened("person.changed", "2026-11-21T10:00Z", language="fr")
    await hears(
        database,
        *MONDAY,
        happened("statement.corrected", event_source="/crm", event_id=slip.id, reason="misheard"),
    )
    await hears(database, slip)

    assert (await latest(database)).language == "es"
    assert await differing(database) == []


@pytest.mark.parametrize(
    "statement",
    ["UPDATE entries SET caller = 'nobody'", "DELETE FROM entries", "TRUNCATE entries"],
)
async def test_not_even_the_owner_of_the_tables_changes_an_entry(database: Database, statement: str) -> None:
    await hears(database, *MONDAY)

    with pytest.raises(asyncpg.RestrictViolationError, match="only added to"):
        await run(database, statement)


async def test_the_services_own_role_can_add_entries_and_do_nothing_else_to_them(database: Database) -> None:
    await run(database, "DROP ROLE IF EXISTS preferences_service; CREATE ROLE preferences_service")
    async with database.transaction() as connection:
        await grant_service(connection, "preferences_service", insert_only=("acts", "entries"))

    async with database.transaction() as connection:
        rights = await connection.fetch(
            """SELECT privilege_type FROM information_schema.table_privileges
                WHERE grantee = 'preferences_service' AND table_name = 'entries'"""
        )
    assert {row["privilege_type"] for row in rights} == {"SELECT", "INSERT"}
    async with database.transaction() as connection:
        await connection.execute("SET LOCAL ROLE preferences_service")
        await hears(OnOneConnection(connection), *MONDAY)
        assert await connection.fetchval("SELECT count(*) FROM entries") == len(MONDAY)
    await run(database, "DROP OWNED BY preferences_service; DROP ROLE preferences_service")


async def test_whoever_differs_is_found_and_drawn_again(database: Database) -> None:
    await hears(database, *MONDAY, happened("person.changed", to="person-2", language="en"))
    await run(database, "UPDATE people SET record = record - 'is language' WHERE person_id = 'person-1'")
    assert await differing(database) == [ADA]

    assert await pages(rebuilding.rebuild(database=database, clock=CLOCK)) == [ADA]

    assert await differing(database) == []
    assert (await latest(database)).language == "es"


async def test_what_an_earlier_release_knew_becomes_entries(database: Database) -> None:
    await run(database, "DROP TABLE entries; DROP FUNCTION refuse_to_change_entries")
    at, heard = "2026-11-20T10:00:00.000000Z", "2026-11-20T10:05:00.000000Z"
    kept: dict[str, Any] = {
        "is language": [[at, "/crm", "e-1", heard], "es"],
        "hold h-1": [[at, "/crm", "e-2", heard], None],
        # As releases wrote it that kept no hearing.
        f"consent email {EMAIL.upper()} direct": [
            [at, "/crm", "e-3"],
            {"channel": "email", "basis": "direct", "at": at},
        ],
    }
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO people (person_id, record, met_at) VALUES ($1, $2, $3)", ADA, kept, NOW
        )
        await connection.execute(
            (files("preferences") / "store" / "migrations" / "0002_ledger.sql").read_text()
        )
    await hears(database, happened("consent.withdrawn", channel="sms"))

    assert await differing(database) == []
    snapshot = await latest(database)
    assert (snapshot.language, snapshot.lifted_holds, len(snapshot.consents)) == ("es", ("h-1",), 1)


async def test_commands_show_history_and_check_the_ledger(database: Database, database_url: str) -> None:
    await hears(database, *MONDAY)
    settings = {"PREFERENCES_DATABASE_URL": database_url}

    async def ask(*arguments: str) -> tuple[int, str]:
        result = await asyncio.to_thread(CliRunner().invoke, cli, list(arguments), env=settings)
        return result.exit_code, result.output

    listed = await ask("history", ADA, "--at", "2026-11-24T16:31Z")
    shown = await ask("show", ADA, "--at", "2026-11-24T16:31Z")
    checked = await ask("rebuild", "--check")
    nobody = await ask("history", "person-9")

    assert [line.split()[3] for line in listed[1].splitlines()] == [
        "what", "person.changed.v1", "consent.granted.v1", "hold.placed.v1",
    ]  # fmt: skip
    assert json.loads(shown[1])["language"] == "es"
    assert checked == (0, "everybody is what the ledger makes of them\n")
    assert nobody[0] == 1
    assert "nobody is known as person-9" in nobody[1]
    await run(database, "UPDATE people SET record = '{}'")
    assert await ask("rebuild", "--check") == (1, f"{ADA} differs from the ledger\n")


class OnOneConnection(Database):
    """The database as a transaction that is under way sees it, its role among what it sees."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        yield self._connection
