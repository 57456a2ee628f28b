"""Transactions are whole, their failures tell outages from mistakes, and listening survives outages."""

import asyncio
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from foundation.database import Database, DatabaseUnavailable
from foundation.local.postgres import running_postgres, start_postgres
from foundation.local.processes import free_ports
from tests.support.eventually import eventually

pytestmark = pytest.mark.migrated(None)

TERMINATE_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def test_all_connections_are_open_from_the_start(database_url: str) -> None:
    async with (
        Database.open(database_url, size=5, name="five") as database,
        database.transaction() as connection,
    ):
        open_ones = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'five'"
        )

    assert open_ones == 5


async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute("CREATE TABLE things (id int)")

    async def half_a_step() -> None:
        async with database.transaction() as connection:
            await connection.execute("INSERT INTO things VALUES (1)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await half_a_step()

    async with database.transaction() as connection:
        assert await connection.fetchval("SELECT count(*) FROM things") == 0


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
        ({"amount": Decimal("12.30"), "on": date(2026, 3, 2)}, {"amount": "12.30", "on": "2026-03-02"}),
        ({"text": "nul\x00 and \\u0000"}, {"text": "nul\ufffd and \\u0000"}),
        ("text", "text"),
        (None, None),
    ],
    ids=["nested", "money and days as text", "a NUL, which jsonb cannot hold", "a text", "null"],
)
async def test_jsonb_takes_and_gives_python_values(database: Database, given: object, stored: object) -> None:
    async with database.transaction() as connection:
        assert await connection.fetchval("SELECT $1::jsonb", given) == stored


async def test_many_jsonb_values_go_as_one_array(database: Database) -> None:
    async with database.transaction() as connection:
        rows = await connection.fetch("SELECT unnest($1::jsonb[]) AS value", [{"a": 1}, None, {"b": [2]}])

    assert [row["value"] for row in rows] == [{"a": 1}, None, {"b": [2]}]


async def test_a_mistake_in_sql_is_no_outage(database: Database) -> None:
    with pytest.raises(asyncpg.PostgresSyntaxError):
        async with database.transaction() as connection:
            await connection.execute("SELECT FROM FROM")


async def test_a_server_that_is_not_there_is_an_outage() -> None:
    with pytest.raises(DatabaseUnavailable):
        async with Database.open(f"postgresql://nobody@127.0.0.1:{free_ports(1)[0]}/x", name="test"):
            pass


async def test_a_session_ended_by_the_server_is_an_outage_and_the_next_one_works(database: Database) -> None:
    async def killed_in_the_middle() -> None:
        async with database.transaction() as connection:
            async with database.transaction() as killer:
                await killer.execute(TERMINATE_OTHERS)
            await connection.execute("SELECT 1")

    with pytest.raises(DatabaseUnavailable):
        await killed_in_the_middle()

    await eventually(lambda: _works(database))


async def _works(database: Database) -> bool:
    # The pool notices one by one which of its connections are gone.
    try:
        async with database.transaction() as connection:
            return bool(await connection.fetchval("SELECT true"))
    except DatabaseUnavailable:
        return False


async def test_the_loser_of_a_deadlock_may_try_again(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            "CREATE TABLE things (id int PRIMARY KEY); INSERT INTO things VALUES (1), (2)"
        )
    both_hold_one = asyncio.Barrier(2)

    async def lock(first: int, second: int) -> None:
        async with database.transaction() as connection:
            await connection.execute("SELECT FROM things WHERE id = $1 FOR UPDATE", first)
            await both_hold_one.wait()
            await connection.execute("SELECT FROM things WHERE id = $1 FOR UPDATE", second)

    outcomes = await asyncio.gather(lock(1, 2), lock(2, 1), return_exceptions=True)

    assert sorted(type(each).__name__ for each in outcomes) == ["DatabaseUnavailable", "NoneType"]


async def test_listening_hears_what_is_told_and_begins_again_after_an_outage(database: Database) -> None:
    heard: list[str] = []
    listening = asyncio.create_task(database.listen("news", heard.append))
    try:
        await eventually(lambda: heard == [""], what="listening has begun")
        await _tell(database, "first")
        await eventually(lambda: heard == ["", "first"])

        async with database.dedicated() as connection:
            await connection.execute(TERMINATE_OTHERS)
        await eventually(lambda: heard == ["", "first", ""], what="it says that it may have missed something")
        await eventually(lambda: _told(database, "second"))
        await eventually(lambda: heard[-1] == "second")
    finally:
        listening.cancel()


async def _tell(database: Database, payload: str) -> None:
    async with database.transaction() as connection:
        await connection.execute("SELECT pg_notify('news', $1)", payload)


async def _told(database: Database, payload: str) -> bool:
    try:
        await _tell(database, payload)
    except DatabaseUnavailable:
        return False
    return True


@pytest.fixture
def home() -> Iterator[Path]:
    # Not in pytest's own folder: the user whom PostgreSQL runs as cannot enter that where we are root.
    with TemporaryDirectory(prefix="pg-") as folder:
        yield Path(folder)


async def test_a_pool_outlives_a_restart_of_its_server(home: Path) -> None:
    with running_postgres(home, durable=False) as server:
        url = server.url
        async with Database.open(url, size=2, name="test") as database:
            server.stop()
            with pytest.raises(DatabaseUnavailable):
                async with database.transaction():
                    pass

            again = start_postgres(home, durable=False)
            try:
                await eventually(lambda: _works(database))
            finally:
                again.stop()


async def test_whoever_reads_cannot_write_by_mistake(database: Database) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with database.reading() as connection:
            await connection.execute("CREATE TABLE written (id int)")
