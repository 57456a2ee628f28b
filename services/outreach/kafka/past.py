"""What outreach published, read back as the events it was."""

from collections.abc import Callable, Sequence
from typing import Final

import structlog

from foundation.behind import Topics
from foundation.clock import Clock
from foundation.database import Connection, Database
from foundation.kafka_rights import KafkaUse
from foundation.own_past import OwnPast
from foundation.quarantine import MalformedRecord
from foundation.records import Record
from foundation.settings import KafkaSettings
from outreach.kafka.intake import read_record
from outreach.model.playbook import Playbook
from outreach.planning.inputs import CONSUMED
from outreach.planning.remember import remember
from schemas import topics

log = structlog.get_logger(__name__)

#: All that outreach reads and publishes of people.
TOPICS: Final = Topics(
    consumed=CONSUMED,
    own="outreach.own",
    published=(topics.TOUCHES, topics.REPLIES),
    compacted=(topics.PEOPLE,),
)
#: What Kafka has to allow for that; of what is wrong it only tells.
USE: Final = KafkaUse(
    reads=[*(consumed.topic for consumed in CONSUMED), *TOPICS.published],
    writes=[*TOPICS.published, topics.QUARANTINE],
    groups=[consumed.group for consumed in CONSUMED],
)


def past_of(
    *, database: Database, kafka: KafkaSettings, clock: Clock, playbook: Callable[[], Playbook]
) -> OwnPast:
    """Return what reads back the past of outreach and plans what follows by the playbook in force."""

    async def remember_records(connection: Connection, records: Sequence[Record]) -> int:
        now = clock.now()
        read = [read_record(record, now=now) for record in records]
        events = [event for event in read if not isinstance(event, MalformedRecord)]
        if len(events) < len(read):
            # Whoever else wrote there said nothing that we had.
            log.warning("records of our own topics passed by", records=len(read) - len(events))
        return await remember(connection, events, playbook=playbook(), now=now)

    return OwnPast(database=database, kafka=kafka, clock=clock, topics=TOPICS, remember=remember_records)
