"""What the migrations make: told whole in schema.sql, and the same from every release on."""

from importlib.resources import files
from pathlib import Path

import asyncpg
import pytest

from foundation.migrations import migrate
from tests.support.databases import Databases

pytestmark = pytest.mark.migrated(None)

SCHEMAS = {
    "foundation": files("foundation") / "schema.sql",
    "outreach": files("outreach") / "store" / "schema.sql",
    "preferences": files("preferences") / "store" / "schema.sql",
}
#: The databases of 2026-11-22 10:00, as migrations of then made them, with a few rows.
OLD = Path(__file__).parent / "schemas"

_CATALOG = """
SELECT format('%s.%s %s%s%s', table_name, column_name, data_type, ' ' || column_default,
              CASE is_nullable WHEN 'NO' THEN ' NOT NULL' END || ' ' || identity_generation) AS line
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid) || ' ' || conname)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT format('%s %s', relname, reloptions) FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""


async def schema_of(url: str) -> set[str]:
    """Return every column, constraint, index and option of a database, but for Alembic's own tables."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(_CATALOG)
    finally:
        await connection.close()
    alembic = tuple(f"{package}_migrations" for package in SCHEMAS)
    return {row["line"] for row in rows if not any(name in row["line"] for name in alembic)}


async def run(url: str, script: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(script)
    finally:
        await connection.close()


@pytest.mark.parametrize("package", SCHEMAS)
async def test_schema_sql_is_the_sum_of_the_migrations(databases: Databases, package: str) -> None:
    migrated, told = await databases.fresh(package), await databases.fresh()

    for owner in dict.fromkeys(["foundation", package]):
        await run(told, SCHEMAS[owner].read_text(encoding="utf-8"))

    assert await schema_of(told) == await schema_of(migrated)


@pytest.mark.parametrize("package", ["outreach", "preferences"])
async def test_a_database_of_the_first_release_comes_to_the_schema_of_today(
    databases: Databases, package: str
) -> None:
    old = await databases.fresh()
    await run(old, (OLD / f"{package}-2026-11-22.sql").read_text(encoding="utf-8"))

    await migrate(old, package=package)

    assert await schema_of(old) == await schema_of(await databases.fresh(package))


async def test_rows_of_the_first_release_are_kept(databases: Databases) -> None:
    old = await databases.fresh()
    await run(old, (OLD / "outreach-2026-11-22.sql").read_text(encoding="utf-8"))

    await migrate(old, package="outreach")

    connection = await asyncpg.connect(old)
    try:
        versions = await connection.fetch("SELECT version, policy FROM config_versions ORDER BY version")
        assert [tuple(row) for row in versions] == [("v1", "not known"), ("v2", "p2")]
        assert await connection.fetchval("SELECT snapshot::jsonb ->> 'person_id' FROM snapshots") == "ada"
        assert await connection.fetchval("SELECT event_id IS NULL FROM outbox")
        assert await connection.fetchval("SELECT digest IS NULL FROM inbox")
    finally:
        await connection.close()
