"""What outreach listens to, and how a batch of it becomes facts and plans."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from foundation.clock import Clock
from foundation.database import Database
from foundation.intake import Batch, Intake
from foundation.offsets import ConsumedTopic
from foundation.quarantine import MalformedRecord
from foundation.records import Record
from outreach.model.playbook import Playbook
from outreach.planning.ingest import ingest
from schemas import envelope, topics
from schemas.envelope import Event


def _consumed(topic: str) -> ConsumedTopic:
    # A group for each topic, so that topics never rebalance each other.
    return ConsumedTopic(group=f"outreach.{topic}", topic=topic, partitions=topics.TOPICS[topic].partitions)


#: What the copy of people's preferences is kept from.
COPY_OF_PREFERENCES: Final = _consumed(topics.PEOPLE)
#: What outreach listens to. Everything about one person is keyed by the person.
CONSUMED: Final = (
    COPY_OF_PREFERENCES,
    _consumed(topics.DEBTS),
    _consumed(topics.PAYMENTS),
    _consumed(topics.CONTACTS),
)


def intake_of(*, database: Database, clock: Clock, playbook: Callable[[], Playbook]) -> Intake[Event]:
    """Return the intake that turns records into facts and into plans of the playbook in force."""

    async def ingest_batch(batch: Batch[Event]) -> None:
        await ingest(batch, database=database, playbook=playbook(), clock=clock)

    return Intake(consumed=CONSUMED, read=read_record, ingest=ingest_batch, clock=clock)


def read_record(record: Record, *, now: datetime) -> Event | MalformedRecord:
    """Read one record as an event of the contract, or say why it is none."""
    try:
        return envelope.parse(
            topic=record.topic, key=record.key, value=record.value, headers=record.headers, now=now
        )
    except envelope.Malformed as error:
        return MalformedRecord(
            record=record,
            reason=error.reason,
            problem=error.problem,
            person=envelope.readable_person(record.key),
        )
