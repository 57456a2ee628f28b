"""A whole database searched for what must not be in it: every column of every table, whatever its type."""

from collections.abc import Collection
from typing import NamedTuple

from foundation.database import Database

_COLUMNS = """
SELECT table_name, column_name, data_type
  FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
 WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
 ORDER BY table_name, column_name"""


class Found(NamedTuple):
    """A place in a database where one of the texts stands."""

    table: str
    column: str
    text: str


async def search(database: Database, texts: Collection[str]) -> set[Found]:
    """Return every table and column where one of these stands, in any case, bytes and JSON among them."""
    found: set[Found] = set()
    async with database.transaction() as connection:
        columns = await connection.fetch(_COLUMNS)
        assert len(columns) > 100, "there is more than that to be searched"
        for table, column, kind in columns:
            written = f"encode({column}, 'escape')" if kind == "bytea" else f"{column}::text"
            for text in texts:
                stands = f'SELECT EXISTS (SELECT FROM "{table}" WHERE {written} ILIKE $1)'  # noqa: S608 (its own names)
                if await connection.fetchval(stands, f"%{text}%"):
                    found.add(Found(table, column, text))
    return found
