"""A database that takes connections and yet cannot be worked with is an outage: everybody waits for it."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, urlsplit, urlunsplit

import asyncpg
import pytest

from foundation.database import Database, DatabaseUnavailable
from foundation.failures import explain_failure
from foundation.health import database_answers
from tests.support.databases import Databases

pytestmark = pytest.mark.migrated("foundation")

_SSL_REQUEST = 80877103
_TURN_OUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"


async def by_force(url: str, *statements: str) -> None:
    """Do something to a database from outside the product."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def named(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


@pytest.mark.parametrize("level", ["serializable", "repeatable read"])
async def test_every_transaction_states_its_level_whatever_the_default_is(
    databases: Databases, level: str
) -> None:
    url = await databases.fresh("foundation")
    await by_force(url, f"ALTER DATABASE {named(url)} SET default_transaction_isolation = '{level}'")

    async with Database.open(url, size=1, name="test") as database:
        async with database.transaction() as writing:
            levels = [await writing.fetchval("SHOW transaction_isolation")]
        async with database.reading() as reading:
            levels += [await reading.fetchval("SHOW transaction_isolation")]
        async with database.dedicated() as alone:
            levels += [await alone.fetchval("SHOW transaction_isolation")]

    assert levels == ["read committed"] * 3
    await databases.drop(url)


async def test_a_database_that_became_read_only_is_an_outage_and_is_found_again_on_a_new_connection(
    databases: Databases,
) -> None:
    url = await databases.fresh("foundation")
    await by_force(url, f"ALTER DATABASE {named(url)} SET default_transaction_read_only = on")
    async with Database.open(url, size=2, name="test") as database:
        is_well = database_answers(database)
        for _ in range(3):
            with pytest.raises(DatabaseUnavailable):
                async with database.transaction() as connection:
                    await connection.execute("CREATE TABLE written (id int)")
        assert await is_well() == "read-only"

        # What a failover looks like from here: the address leads to another server, the sessions stay.
        await by_force(
            url, "SET default_transaction_read_only = off", f"ALTER DATABASE {named(url)} RESET ALL"
        )
        # Each session that is still with the old one fails once and is replaced; the pool may hold a few.
        for _ in range(5):
            with suppress(DatabaseUnavailable):
                async with database.transaction() as connection:
                    await connection.execute("CREATE TABLE IF NOT EXISTS written (id int)")
        async with database.transaction() as connection:
            assert await connection.fetchval("SELECT to_regclass('written') IS NOT NULL")
    await databases.drop(url)


async def test_tables_that_are_not_those_of_this_release_are_an_outage_and_readiness_says_so(
    database: Database,
) -> None:
    async with database.transaction() as connection:
        await connection.execute("ALTER TABLE outbox RENAME TO outbox_of_tomorrow")

    with pytest.raises(DatabaseUnavailable) as failure:
        async with database.transaction() as connection:
            await connection.execute("SELECT * FROM outbox")

    assert await database_answers(database)() == "not the schema of this release"
    assert explain_failure(failure.value, prefix="OUTREACH_") == (
        "OUTREACH_DATABASE_URL: the database is not up to date; run `outreach migrate`"
    )


async def test_a_full_database_is_an_outage_and_readiness_says_so(database: Database) -> None:
    with pytest.raises(DatabaseUnavailable):
        async with database.transaction() as connection:
            await connection.execute("DO $$ BEGIN RAISE EXCEPTION SQLSTATE '53100'; END $$")

    assert await database_answers(database)() == "full or failing (DiskFullError)"


async def test_a_user_who_is_turned_away_while_we_run_is_an_outage(databases: Databases) -> None:
    url = await databases.fresh("foundation")
    async with Database.open(url, size=1, name="test") as database:
        await by_force(databases.server_url, f"ALTER DATABASE {named(url)} ALLOW_CONNECTIONS false")
        await by_force(databases.server_url, _TURN_OUT.format(name=named(url)))
        for _ in range(2):
            with pytest.raises(DatabaseUnavailable):
                async with database.transaction():
                    pass
        with pytest.raises(DatabaseUnavailable):
            async with database.dedicated():
                pass
        await by_force(databases.server_url, f"ALTER DATABASE {named(url)} ALLOW_CONNECTIONS true")
        async with database.transaction() as connection:
            assert await connection.fetchval("SELECT true")
    await databases.drop(url)


@asynccontextmanager
async def a_pooler_before(url: str) -> AsyncIterator[str]:
    """Pass on everything to a server but what a session is begun with, as a pooler does that was told to."""

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size, code = struct.unpack(">II", await reader.readexactly(8))
        if code == _SSL_REQUEST:
            writer.write(b"N")
            size, code = struct.unpack(">II", await reader.readexactly(8))
        words = (await reader.readexactly(size - 8)).split(b"\x00")
        given = zip(words[::2], words[1::2], strict=False)
        kept = {name: value for name, value in given if name in (b"user", b"database")}
        said = b"".join(name + b"\x00" + value + b"\x00" for name, value in kept.items()) + b"\x00"
        server_reader, server_writer = await _connect(url)
        server_writer.write(struct.pack(">II", len(said) + 8, code) + said)
        async with asyncio.TaskGroup() as both:
            both.create_task(_copy(reader, server_writer))
            both.create_task(_copy(server_reader, writer))

    server = await asyncio.start_server(pass_on, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    parts = urlsplit(url)
    user = parts.netloc.rpartition("@")[0] or "postgres"
    yield urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{port}", query=""))
    server.close()


async def _connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    folder = parse_qs(parts.query).get("host")
    if folder is not None:
        return await asyncio.open_unix_connection(f"{folder[0]}/.s.PGSQL.5432")
    return await asyncio.open_connection(parts.hostname, parts.port or 5432)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def test_a_pooler_that_passes_over_what_a_session_begins_with_changes_nothing(
    database_url: str,
) -> None:
    async with (
        a_pooler_before(database_url) as pooled,
        Database.open(pooled, size=1, name="test") as database,
        database.transaction() as connection,
    ):
        assert await connection.fetchval("SHOW idle_in_transaction_session_timeout") == "1min"
        assert await connection.fetchval("SHOW default_transaction_isolation") == "read committed"
        assert await connection.fetchval("SHOW TimeZone") == "UTC"
