"""Reads batches of records, sorts the readable from the rest, and hands both to `ingest`."""

from collections.abc import Collection, Sequence
from datetime import datetime

from foundation.clock import Clock
from foundation.database import Database
from foundation.quarantine import MalformedRecord, without
from foundation.records import Record
from foundation.subscribers import Subscription
from preferences.ledger.ingest import Batch, ingest
from schemas import envelope, topics
from schemas.envelope import Event

#: What preferences listens to: what changes about people, and what people answered.
TOPICS = (topics.PERSON_EVENTS, topics.REPLIES)


def group_of(topic: str) -> str:
    """Return the consumer group that reads a topic: one each, so that topics never rebalance each other."""
    return f"preferences.{topic}"


class Intake:
    """Turns records into what is remembered of people."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def subscriptions(self, *, max_records: int = 500) -> list[Subscription]:
        """Return one subscription per topic, to be attached to a broker."""
        return [
            Subscription(
                topic=topic,
                group=group_of(topic),
                handle=self.handle,
                clock=self._clock,
                max_records=max_records,
            )
            for topic in TOPICS
        ]

    async def handle(self, records: Sequence[Record]) -> Collection[MalformedRecord]:
        """Ingest a batch of one topic; one malformed record never harms its neighbors."""
        events, malformed = sort_records(records, now=self._clock.now())
        group = group_of(records[0].topic) if records else ""
        batch = Batch(
            events=events,
            origins=without(records, malformed),
            malformed=malformed,
            records=records,
            group=group,
        )
        await ingest(batch, database=self._database, clock=self._clock)
        return malformed


def sort_records(records: Sequence[Record], *, now: datetime) -> tuple[list[Event], list[MalformedRecord]]:
    """Parse each record on its own; return the events, and the records that are none."""
    events: list[Event] = []
    malformed: list[MalformedRecord] = []
    for record in records:
        try:
            events.append(read_record(record, now=now))
        except envelope.Malformed as error:
            malformed.append(
                MalformedRecord(
                    record=record,
                    reason=error.reason,
                    problem=error.problem,
                    person=envelope.readable_person(record.key),
                )
            )
    return events, malformed


def read_record(record: Record, *, now: datetime) -> Event:
    """Read one record as an event.

    Raises:
        schemas.envelope.Malformed: it is none.
    """
    return envelope.parse(
        topic=record.topic, key=record.key, value=record.value, headers=record.headers, now=now
    )
