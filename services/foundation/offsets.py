"""Where consumers stand, stored with the work itself.

Kafka remembers what was committed to it; the database remembers what was really done. After a
restore from a backup the two differ, and then the database is right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from foundation.database import Connection
from foundation.records import Record
from foundation.sql import queries

#: A topic and one of its partitions.
Partition = tuple[str, int]

_SQL = queries(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumedTopic:
    """A topic with this many partitions, as one consumer group reads it."""

    group: str
    topic: str
    partitions: int


async def store(connection: Connection, group: str, records: Sequence[Record]) -> None:
    """Store, in the transaction that does the work of these records, where to read on after them."""
    await advance(connection, group, next_offsets(records))


async def read(connection: Connection, group: str) -> dict[Partition, int]:
    """Return the next offset to read, for each partition this group has worked on."""
    return {
        (row["topic"], row["partition"]): row["next_offset"]
        for row in await _SQL.read_offsets(connection, group=group)
    }


class Placed(Protocol):
    """Anything that was read from a place in Kafka."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...


def next_offsets(records: Sequence[Placed]) -> Mapping[Partition, int]:
    """Return the offset that follows the last of these records, per partition."""
    # Records of one partition come in order, so the last one wins.
    return {(record.topic, record.partition): record.offset + 1 for record in records}


async def store_caught_up(
    connection: Connection, group: str, topic: str, partition: int, *, at: datetime
) -> None:
    """Note that everything published to the partition before `at` has been handled."""
    await _SQL.store_caught_up(connection, group=group, topic=topic, partition=partition, caught_up_at=at)


async def store_all_caught_up(connection: Connection, consumed: ConsumedTopic, *, at: datetime) -> None:
    """Note that everything published to the whole topic before `at` has been handled."""
    for partition in range(consumed.partitions):
        await store_caught_up(connection, consumed.group, consumed.topic, partition, at=at)


async def caught_up_at(connection: Connection, consumed: ConsumedTopic) -> datetime | None:
    """Return until when the whole topic has been handled: the instant of its slowest partition.

    None while not all of its partitions have ever been caught up: then nobody knows.
    """
    row = await _SQL.read_caught_up(connection, group=consumed.group, topic=consumed.topic)
    return row["caught_up_at"] if row["partitions"] >= consumed.partitions else None


async def advance(connection: Connection, group: str, reached: Mapping[Partition, int]) -> None:
    """Note where the group reads on, where no record says so."""
    if reached:
        await _SQL.store_offsets(
            connection,
            group=group,
            topics=[topic for topic, _ in reached],
            partitions=[partition for _, partition in reached],
            offsets=list(reached.values()),
        )


async def read_topic_ids(connection: Connection) -> dict[str, str]:
    """Return the ids that topics had when they were looked at last."""
    return {row["topic"]: row["topic_id"] for row in await _SQL.read_topic_ids(connection)}


async def store_topic_ids(connection: Connection, topic_ids: Mapping[str, str]) -> None:
    """Remember the ids of these topics."""
    if topic_ids:
        await _SQL.store_topic_ids(connection, topics=list(topic_ids), ids=list(topic_ids.values()))
