"""What other systems will hear, written in the transaction that made it true.

Each entry gets the next number of its topic and key, counted from one without gaps. The relay
publishes entries in that order.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from msgspec import Struct

from foundation.database import Connection
from foundation.sql import queries

CHANNEL = "outbox"

#: The namespace of ids of before they were stored; changing it would give such an event a second id.
_NAMESPACE = UUID("6f8f57a1-5b0c-4a50-9f2a-7f8a0c3d1b42")

_SQL = queries(__file__)


class OutgoingEvent(Struct, frozen=True, kw_only=True):
    """An event to publish on `topic` with the record key `key`; `time` is when it happened.

    The key is its subject too. `data` is any mapping that JSON can hold.
    """

    topic: str
    key: str
    type: str
    time: datetime
    data: Mapping[str, Any]


class Entry(NamedTuple):
    """One row of the outbox; `data` is JSON text."""

    position: int
    topic: str
    key: str
    sequence: int
    type: str
    source: str
    occurred_at: datetime
    data: str
    event_id: UUID | None

    @property
    def id(self) -> UUID:
        """The event's id: the same each time the entry is published."""
        return self.event_id or _id_by_sequence(self)


def _id_by_sequence(entry: Entry) -> UUID:
    """Return the id of an entry appended by a release that stored none, as that release publishes it."""
    return uuid5(_NAMESPACE, f"{entry.topic}\n{entry.key}\n{entry.sequence}")


async def append(connection: Connection, entries: Sequence[OutgoingEvent], *, source: str) -> None:
    """Have these events published, in the order given, once the caller's transaction commits.

    Locks the head of every topic and key until then; who holds locks of people by the same keys
    in the same order cannot deadlock here.
    """
    if not entries:
        return
    totals: Counter[tuple[str, str]] = Counter()
    #: Of each entry, from the last to the first, how many of its key follow it.
    following = []
    for entry in reversed(entries):
        key = (entry.topic, entry.key)
        following.append(totals[key])
        totals[key] += 1
    await _SQL.append_entries(
        connection,
        entries=entries,
        following=following[::-1],
        topics=[topic for topic, _ in totals],
        keys=[key for _, key in totals],
        totals=list(totals.values()),
        source=source,
    )
    await _SQL.notify_relay(connection)


async def count_on(connection: Connection, reached: Mapping[tuple[str, str], int]) -> None:
    """Number what is appended from now on after these sequences, by topic and key; never from an earlier one.

    To be called after people are locked, as `append` is.
    """
    if reached:
        await _SQL.count_on(
            connection,
            topics=[topic for topic, _ in reached],
            keys=[key for _, key in reached],
            sequences=list(reached.values()),
        )


async def read_front(connection: Connection, *, limit: int) -> list[Entry]:
    """Return the oldest entries; of one key, never a later one without the earlier."""
    return [Entry(*row) for row in await _SQL.read_front(connection, limit=limit)]


async def delete(
    connection: Connection,
    entries: Sequence[Entry],
    *,
    published: Mapping[tuple[str, int], int] | None = None,
) -> None:
    """Forget entries that Kafka has acknowledged, and note the offsets that follow them, all or nothing."""
    following = published or {}
    await _SQL.delete_entries(
        connection,
        positions=[entry.position for entry in entries],
        topics=[topic for topic, _ in following],
        partitions=[partition for _, partition in following],
        offsets=list(following.values()),
    )


async def read_published(connection: Connection) -> dict[tuple[str, int], int]:
    """Return how far this database knows what was published from its outbox, by partition."""
    return {
        (row["topic"], row["partition"]): row["next_offset"] for row in await _SQL.read_published(connection)
    }


async def note_published(connection: Connection, reached: Mapping[tuple[str, int], int]) -> None:
    """Note that all before these offsets is known, whoever published it."""
    await delete(connection, [], published=reached)


async def list_published_topics(connection: Connection) -> set[str]:
    """Return the topics for which this database ever had something to publish."""
    return {row["topic"] for row in await _SQL.list_published_topics(connection)}


async def measure_backlog(connection: Connection) -> tuple[int, datetime | None]:
    """Return how many entries wait and when the oldest of them happened."""
    row = await _SQL.measure_backlog(connection)
    return row["waiting"], row["oldest_occurred_at"]
