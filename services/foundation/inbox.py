"""Which events were heard, so that hearing one twice changes nothing the second time."""

from collections.abc import Iterable
from datetime import datetime

from foundation.database import Connection
from foundation.sql import queries

#: An event's source and its id, unique together.
EventKey = tuple[str, str]

_SQL = queries(__file__)


async def hear(connection: Connection, events: Iterable[EventKey], *, now: datetime) -> set[EventKey]:
    """Note these events and return those that were not heard before.

    A transaction that hears the same event at the same moment waits for ours to end, and then
    knows. If ours is undone, the events were never heard.
    """
    given = sorted(set(events))
    if not given:
        return set()
    rows = await _SQL.hear(
        connection,
        sources=[source for source, _ in given],
        ids=[event_id for _, event_id in given],
        now=now,
    )
    return {(row["source"], row["event_id"]) for row in rows}


async def delete_heard(connection: Connection, *, before: datetime) -> int:
    """Forget events heard before an instant; return how many. Heard again, they would be new."""
    deleted: int = await _SQL.delete_heard_before(connection, before=before)
    return deleted
