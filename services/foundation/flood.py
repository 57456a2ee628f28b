"""When too much in a row is unreadable, reading on would only empty the topic into the quarantine.

Where reading stopped is noted in the database: every replica stops with the first, none goes on because it
was started anew, and staff say when to go on.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from foundation.database import Connection
from foundation.quarantine import MalformedRecord
from foundation.records import Record
from foundation.sql import queries

_SQL = queries(__file__)


class FloodGuard:
    """Counts malformed records in a row, over batches and partitions; a good one begins anew.

    Once `limit` were malformed it is `flooded`, until somebody who looked into it calls `reset`.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.flooded = False
        self._in_a_row = 0

    def watch(self, records: Sequence[Record], malformed: Collection[MalformedRecord]) -> None:
        """Take note of a batch, in the order it was read."""
        if not malformed:
            self._in_a_row = 0
            return
        bad = {(record.record.partition, record.record.offset) for record in malformed}
        for record in records:
            self._in_a_row = self._in_a_row + 1 if (record.partition, record.offset) in bad else 0
            if self._in_a_row >= self.limit:
                self.flooded = True

    def stop(self) -> None:
        """Take it for flooded, because somebody else found it so."""
        self.flooded = True

    def reset(self) -> None:
        self.flooded = False
        self._in_a_row = 0


async def note(connection: Connection, *, group: str, topic: str, now: datetime) -> None:
    """Note that a group reads a topic no further; noted once, by however many replicas."""
    await _SQL.note_flood(connection, group=group, topic=topic, now=now)


async def list_open(connection: Connection) -> dict[tuple[str, str], datetime]:
    """Return since when reading is stopped, by group and topic."""
    rows = await _SQL.list_open_floods(connection)
    return {(row["consumer_group"], row["topic"]): row["stopped_at"] for row in rows}


async def end(connection: Connection, *, topic: str | None, by: str, now: datetime) -> list[str]:
    """Have a topic, or every one, be read again; return those that were stopped."""
    return [row["topic"] for row in await _SQL.end_floods(connection, topic=topic, by=by, now=now)]
