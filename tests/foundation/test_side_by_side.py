"""Replicas of the release before work on the schema of this one, side by side: nothing was taken away.

`releases/` holds the statements and the schema of the release before, as its package had them. A migration
that contracts says so (`-- Contracts:`), and the replicas of before are then not ready.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiosql
import asyncpg
import pytest
from aiosql.adapters.asyncpg import AsyncPGAdapter

from tests.support.databases import Databases

pytestmark = pytest.mark.migrated(None)

BEFORE = Path(__file__).parent / "releases" / "2026-11-28"
FILES = sorted(path for folder in ("foundation", "outreach") for path in (BEFORE / folder).rglob("*.sql"))

_COLUMNS = """
SELECT table_name || '.' || column_name AS name, data_type,
       is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AS must_be_given
  FROM information_schema.columns WHERE table_schema = 'public'
"""


def statements_of(file: Path) -> Iterator[tuple[str, str]]:
    """Yield the named statements of a file, with parameters as PostgreSQL counts them."""
    queries: Any = aiosql.from_path(file, AsyncPGAdapter, mandatory_parameters=False)
    for name in queries.available_queries:
        yield name, getattr(queries, name).sql


async def columns_of(url: str) -> dict[str, tuple[str, bool]]:
    """Return of each column its type, and whether whoever inserts a row must give it."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(_COLUMNS)
    finally:
        await connection.close()
    return {row["name"]: (row["data_type"], row["must_be_given"]) for row in rows}


@pytest.fixture
async def today(databases: Databases) -> str:
    return await databases.fresh("outreach")


@pytest.fixture
async def before(databases: Databases) -> str:
    url = await databases.fresh()
    connection = await asyncpg.connect(url)
    try:
        for package in ("foundation", "outreach"):
            await connection.execute((BEFORE / f"{package}.sql").read_text(encoding="utf-8"))
    finally:
        await connection.close()
    return url


async def test_every_statement_of_the_release_before_works(before: str, today: str) -> None:
    # On its own schema too, so that a failure is one of ours.
    for url in (before, today):
        assert await prepares_all(url) > 100


async def prepares_all(url: str) -> int:
    """Have a database read every statement of the release before; return how many there are."""
    connection = await asyncpg.connect(url)
    prepared = 0
    try:
        for file in FILES:
            for name, statement in statements_of(file):
                try:
                    await connection.prepare(statement)
                except asyncpg.PostgresError as error:
                    raise AssertionError(f"{file.relative_to(BEFORE)} {name}: {error}") from error
                prepared += 1
    finally:
        await connection.close()
    return prepared


async def test_no_column_is_gone_or_another_and_none_must_be_given_that_was_not(
    before: str, today: str
) -> None:
    old, new = await columns_of(before), await columns_of(today)

    assert {name: new.get(name, (None,))[0] for name in old} == {
        name: kind for name, (kind, _) in old.items()
    }
    old_tables = {name.partition(".")[0] for name in old}
    newly_demanded = {
        name
        for name, (_, must_be_given) in new.items()
        if must_be_given and name.partition(".")[0] in old_tables and not old.get(name, ("", False))[1]
    }
    assert newly_demanded == set()
