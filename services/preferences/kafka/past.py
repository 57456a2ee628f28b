"""What preferences told of people, read back as the snapshots it was."""

from collections.abc import Sequence
from typing import Final

from foundation.behind import Topics
from foundation.clock import Clock
from foundation.database import Connection, Database
from foundation.kafka_rights import KafkaUse
from foundation.own_past import OwnPast
from foundation.quarantine import MalformedRecord
from foundation.records import Record
from foundation.settings import KafkaSettings
from preferences.kafka.intake import CONSUMED, read_record
from preferences.ledger.remember import remember
from schemas import topics

#: All that preferences reads and publishes of people.
TOPICS: Final = Topics(
    consumed=CONSUMED,
    own="preferences.own",
    published=(topics.PEOPLE,),
    compacted=(topics.PEOPLE,),
)
#: What Kafka has to allow for that; of what is wrong it only tells.
USE: Final = KafkaUse(
    reads=[*(consumed.topic for consumed in CONSUMED), *TOPICS.published],
    writes=[*TOPICS.published, topics.QUARANTINE],
    groups=[consumed.group for consumed in CONSUMED],
)


def past_of(*, database: Database, kafka: KafkaSettings, clock: Clock) -> OwnPast:
    """Return what reads back the past of preferences."""

    async def remember_records(connection: Connection, records: Sequence[Record]) -> int:
        now = clock.now()
        read = [read_record(record, now=now) for record in records]
        events = [event for event in read if not isinstance(event, MalformedRecord)]
        return await remember(connection, events, now=now)

    return OwnPast(database=database, kafka=kafka, clock=clock, topics=TOPICS, remember=remember_records)
