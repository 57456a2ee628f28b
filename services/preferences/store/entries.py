"""The ledger: entries are added, and never changed."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Final

from foundation.database import Connection
from foundation.sql import queries
from preferences.model.entry import Entry

#: Any number, the same for everybody who adds entries.
_LOCK: Final = 0x6C656467

_SQL = queries(__file__)


async def append_entries(connection: Connection, entries: Sequence[Entry]) -> None:
    """Add entries about people whom the caller has locked, in the order given."""
    if entries:
        await _SQL.append_entries(connection, entries=entries, lock=_LOCK)


async def read_entries(connection: Connection, people: Collection[str]) -> dict[str, list[Entry]]:
    """Return all entries about each of these people, in the order of the ledger."""
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for row in await _SQL.read_entries(connection, people=sorted(people)):
        found[row["person_id"]].append(Entry(**row))
    return found


async def list_entries(connection: Connection, *, after: int, limit: int) -> list[Entry]:
    """Return the entries behind a number, about anybody, in the order of the ledger."""
    return [Entry(**row) for row in await _SQL.list_entries(connection, after=after, limit=limit)]


async def find_entry(connection: Connection, number: int) -> Entry | None:
    row = await _SQL.find_entry(connection, number=number)
    return Entry(**row) if row else None
