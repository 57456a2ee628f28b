"""Reads batches of records, sorts the readable from the rest, and hands both to `ingest`."""

from collections.abc import Callable, Collection, Sequence

from foundation.clock import Clock
from foundation.database import Database
from foundation.quarantine import MalformedRecord, without
from foundation.records import Record
from foundation.subscribers import Subscription
from outreach.model.playbook import Playbook
from outreach.planning.ingest import Batch, ingest
from schemas import envelope, topics
from schemas.envelope import Event

#: What outreach listens to. Everything about one person is keyed by the person.
TOPICS = (topics.PEOPLE, topics.DEBTS, topics.PAYMENTS, topics.CONTACTS)


def group_of(topic: str) -> str:
    """Return the consumer group that reads a topic: one each, so that topics never rebalance each other."""
    return f"outreach.{topic}"


class Intake:
    """Turns records into facts and plans."""

    def __init__(self, *, database: Database, clock: Clock, playbook: Callable[[], Playbook]) -> None:
        self._database = database
        self._clock = clock
        self._playbook = playbook

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
        """Ingest a batch of one topic; one malformed record never harms its neighbours."""
        events, malformed = sort_records(records, clock=self._clock)
        group = group_of(records[0].topic) if records else ""
        batch = Batch(
            events=events,
            origins=without(records, malformed),
            malformed=malformed,
            records=records,
            group=group,
        )
        await ingest(batch, database=self._database, playbook=self._playbook(), clock=self._clock)
        return malformed


def sort_records(records: Sequence[Record], *, clock: Clock) -> tuple[list[Event], list[MalformedRecord]]:
    """Parse each record on its own; return the events and the records that are none."""
    now = clock.now()
    events: list[Event] = []
    malformed: list[MalformedRecord] = []
    for record in records:
        try:
            events.append(
                envelope.parse(
                    topic=record.topic, key=record.key, value=record.value, headers=record.headers, now=now
                )
            )
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
