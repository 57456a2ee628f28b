"""Is a database behind Kafka? Compares where it stands with what was read and published for it."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from foundation import offsets, outbox, recovery
from foundation.database import Connection, Database
from foundation.kafka import administering, ask_coordinator, client_options, partitions_of
from foundation.offsets import ConsumedTopic, Partition
from foundation.recovery import Cause, Gap
from foundation.settings import KafkaSettings
from foundation.topic_ids import read_topic_ids

log = structlog.get_logger(__name__)

_NO_OFFSET: Final = -1
_LOOKS: Final = 5
#: How long a relay may take between Kafka's acknowledgment and its note of it.
PATIENCE: Final = timedelta(seconds=1.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """What a service reads and publishes.

    `own` is as which group its own past is read back from what it `published`. Of `compacted` topics nothing
    is lost that counts, wherever they begin.
    """

    consumed: Sequence[ConsumedTopic]
    own: str
    published: Sequence[str]
    compacted: Collection[str] = ()

    @property
    def names(self) -> list[str]:
        """All topics by name."""
        return sorted({topic.topic for topic in self.consumed} | set(self.published))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What Kafka keeps of a partition: from the offset `begins` to before `ends`, the oldest from then."""

    begins: int
    ends: int
    keeps_from: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaStand:
    """How far topics reach, how far groups have committed, by group, and the topics' ids.

    `later` is how far they reach after the database was asked.
    """

    reach: Mapping[Partition, Reach]
    committed: Mapping[str, Mapping[Partition, int]]
    topic_ids: Mapping[str, str]
    later: Mapping[Partition, int] = field(default_factory=dict)

    def end_of(self, partition: Partition) -> int:
        """Return the last end that was seen of a partition."""
        return max(self.reach[partition].ends, self.later.get(partition, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseStand:
    """How far a database knows what was read, by group, and published; and what ids topics had.

    `publishers` are topics of which it published something, though perhaps by a release that kept no offsets.
    """

    stored: Mapping[str, Mapping[Partition, int]]
    published: Mapping[Partition, int]
    publishers: Collection[str]
    topic_ids: Mapping[str, str]


async def note_what_is_missing(
    topics: Topics,
    *,
    kafka: KafkaSettings,
    database: Database,
    now: datetime,
    patience: timedelta = PATIENCE,
) -> int:
    """Note in what partitions the database is behind Kafka; return how many gaps are new.

    Before anything is read or published, or by several processes at once: what is known already is not
    noted again.

    Raises:
        DatabaseUnavailable, KafkaError: nothing is noted, and nobody knows.
    """
    # Kafka first: what is done meanwhile only takes the database further.
    stand = await look_at_kafka(topics, kafka=kafka)
    known = await _know(topics, stand=stand, database=database, patience=patience)
    # And Kafka again: only what it has after the database was asked can be less than the database knows.
    reach = await _read_reach(topics.names, kafka=kafka)
    later = {partition: found.ends for partition, found in reach.items()}
    stand = replace(stand, later=later)
    async with database.transaction() as connection:
        gaps = [*gaps_between(topics, stand=stand, known=known)]
        noted = await recovery.note(connection, gaps, now=now)
        await _follow_new_topics(connection, topics, stand=stand, known=known)
    if noted:
        causes = sorted({gap.cause for gap in gaps})
        log.warning("the database does not know all that Kafka does", partitions=noted, causes=causes)
    return noted


async def _know(
    topics: Topics, *, stand: KafkaStand, database: Database, patience: timedelta
) -> DatabaseStand:
    """Return what the database knows, after a moment for a relay at work to note what it published."""
    looks = 0
    while True:
        async with database.transaction() as connection:
            known = await _look_at_database(connection, topics)
        gaps = gaps_between(topics, stand=stand, known=known)
        looks += 1
        if looks == _LOOKS or not any(gap.cause == "own_past" for gap in gaps):
            return known
        await asyncio.sleep(patience.total_seconds() / _LOOKS)


def gaps_between(topics: Topics, *, stand: KafkaStand, known: DatabaseStand) -> Iterator[Gap]:
    """Yield what a database lacks of what Kafka says was read and published for it."""
    for (topic, partition), reach in sorted(stand.reach.items()):
        is_another = _is_another(topic, stand=stand, known=known)
        keeps_all = topic in topics.compacted
        for consumed in topics.consumed:
            if consumed.topic == topic:
                stored = known.stored.get(consumed.group, {}).get((topic, partition))
                stored_beyond = stored is not None and stored > stand.end_of((topic, partition))
                found = _gap_in_reading(
                    stored,
                    stand.committed.get(consumed.group, {}).get((topic, partition)),
                    reach=reach,
                    is_another=is_another or stored_beyond,
                )
                if found is not None:
                    yield _gap(
                        consumed.group, topic, partition, found=found, reach=reach, keeps_all=keeps_all
                    )
        if topic in topics.published:
            published_beyond = known.published.get((topic, partition), 0) > stand.end_of((topic, partition))
            stands = _known_of_own(
                known, topic, partition, reach=reach, is_another=is_another or published_beyond
            )
            if stands < reach.ends:
                own: tuple[Cause, int, int] = ("own_past", stands, reach.ends)
                yield _gap(topics.own, topic, partition, found=own, reach=reach, keeps_all=keeps_all)


def _gap_in_reading(
    stored: int | None, committed: int | None, *, reach: Reach, is_another: bool
) -> tuple[Cause, int, int] | None:
    """Return why records are missing, from where on and up to where; None where none are."""
    if stored is not None and stored > 0 and is_another:
        return "recreated", reach.begins, reach.ends
    stands = stored or 0
    if committed is not None:
        return ("behind", stands, committed) if stands < committed else None
    if stored is not None and stands < reach.ends:
        return "forgotten", stands, reach.ends
    return None


def _known_of_own(known: DatabaseStand, topic: str, partition: int, *, reach: Reach, is_another: bool) -> int:
    """Return up to where a database knows what it published to a partition."""
    stands = known.published.get((topic, partition))
    if stands is None:
        # A release that kept no offsets published it: whatever is kept is looked at once.
        return reach.begins if topic in known.publishers else 0
    # All that a topic made anew holds was published since, by this database or by what a restore took back.
    return reach.begins if is_another else stands


def _gap(
    group: str, topic: str, partition: int, *, found: tuple[Cause, int, int], reach: Reach, keeps_all: bool
) -> Gap:
    cause, stands, committed = found
    lost = 0 if keeps_all else max(min(reach.begins, committed) - stands, 0)
    return Gap(
        group=group,
        topic=topic,
        partition=partition,
        cause=cause,
        stands=stands,
        committed=committed,
        lost=lost,
        keeps_from=reach.keeps_from if lost else None,
    )


def _is_another(topic: str, *, stand: KafkaStand, known: DatabaseStand) -> bool:
    """Tell whether the topic of this name is not the one that the database knew."""
    before, now = known.topic_ids.get(topic), stand.topic_ids.get(topic)
    return None not in (before, now) and before != now


async def _look_at_database(connection: Connection, topics: Topics) -> DatabaseStand:
    groups = {consumed.group for consumed in topics.consumed}
    return DatabaseStand(
        stored={group: await offsets.read(connection, group) for group in sorted(groups)},
        published=await outbox.read_published(connection),
        publishers=await outbox.list_published_topics(connection),
        topic_ids=await offsets.read_topic_ids(connection),
    )


async def _follow_new_topics(
    connection: Connection, topics: Topics, *, stand: KafkaStand, known: DatabaseStand
) -> None:
    """Remember what topics there are now; of one that was made anew, nothing was published yet."""
    ids = {topic: stand.topic_ids[topic] for topic in topics.names if topic in stand.topic_ids}
    await offsets.store_topic_ids(connection, ids)
    anew = {
        partition: reach.ends
        for partition, reach in stand.reach.items()
        if partition in known.published
        and (
            _is_another(partition[0], stand=stand, known=known)
            or known.published[partition] > stand.end_of(partition)
        )
    }
    await outbox.note_published(connection, anew)
    if anew:
        log.warning("topics were made anew", topics=sorted({topic for topic, _ in anew}))


async def look_at_kafka(topics: Topics, *, kafka: KafkaSettings) -> KafkaStand:
    """Ask Kafka how far these topics reach and how far they were read.

    Raises:
        KafkaError: it cannot be asked.
    """
    async with administering(kafka) as admin:
        committed: dict[str, Mapping[Partition, int]] = {
            group: await _committed(admin, group)
            for group in sorted({consumed.group for consumed in topics.consumed})
        }
    reach = await _read_reach(topics.names, kafka=kafka)
    return KafkaStand(reach=reach, committed=committed, topic_ids=await read_topic_ids(kafka, topics.names))


async def _committed(admin: AIOKafkaAdminClient, group: str) -> dict[Partition, int]:
    ask = partial(admin.list_consumer_group_offsets, group)
    found: Mapping[TopicPartition, Any] = await ask_coordinator(ask)
    return {
        (partition.topic, partition.partition): committed.offset
        for partition, committed in found.items()
        if committed.offset != _NO_OFFSET
    }


async def _read_reach(names: Sequence[str], *, kafka: KafkaSettings) -> dict[Partition, Reach]:
    consumer = AIOKafkaConsumer(**client_options(kafka), enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [
            TopicPartition(topic, partition)
            for topic in names
            for partition in sorted(await partitions_of(consumer, topic))
        ]
        begins = await consumer.beginning_offsets(partitions)
        ends = await consumer.end_offsets(partitions)
        # The earliest record at or after the beginning of time is the oldest one there is.
        oldest = await consumer.offsets_for_times(dict.fromkeys(partitions, 0)) if partitions else {}
    finally:
        await consumer.stop()
    return {
        (partition.topic, partition.partition): Reach(
            begins=begins[partition],
            ends=ends[partition],
            keeps_from=_instant(oldest[partition].timestamp) if oldest.get(partition) else None,
        )
        for partition in partitions
    }


def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)
