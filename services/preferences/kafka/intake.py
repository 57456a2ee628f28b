"""What preferences listens to, and how a batch of it becomes what is remembered of people."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Final

from foundation.clock import Clock
from foundation.database import Database
from foundation.intake import Intake, no_objection
from foundation.offsets import ConsumedTopic
from foundation.quarantine import MalformedRecord
from foundation.records import Record
from preferences.ledger.ingest import ingest
from schemas import envelope, topics
from schemas.envelope import Event

#: What preferences listens to: what changes about people, and what people answered. A group for each topic,
#: so that topics never rebalance each other.
CONSUMED: Final = tuple(
    ConsumedTopic(group=f"preferences.{topic}", topic=topic, partitions=topics.TOPICS[topic].partitions)
    for topic in (topics.PERSON_EVENTS, topics.REPLIES)
)


def intake_of(
    *, database: Database, clock: Clock, insist: Callable[[], Awaitable[None]] = no_objection
) -> Intake[Event]:
    """Return the intake that turns records into what is remembered of people."""
    return Intake(
        consumed=CONSUMED,
        read=read_record,
        person_of=envelope.readable_person,
        ingest=partial(ingest, database=database, clock=clock),
        clock=clock,
        insist=insist,
    )


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
