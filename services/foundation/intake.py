"""The intake of a service: batches of records, sorted into events and what nobody can read."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeAlias, TypeVar

from foundation.clock import Clock
from foundation.offsets import ConsumedTopic
from foundation.quarantine import TOO_LARGE, MalformedRecord, without
from foundation.records import LARGEST_VALUE, Record
from foundation.subscribers import Subscription
from foundation.unpacking import Cut

#: Whom a record's key names; None where it names nobody.
PersonOf: TypeAlias = Callable[[bytes | None], str | None]

E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)


class ReadRecord(Protocol[E_co]):
    """Reads one record as an event, or says why it is none."""

    def __call__(self, record: Record, *, now: datetime) -> E_co | MalformedRecord: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch(Generic[E]):
    """What one read from Kafka brought: the events, the records nobody could read, and all records.

    `origins` are the records of the events, one for each.
    """

    events: Sequence[E]
    origins: Sequence[Record] = ()
    malformed: Sequence[MalformedRecord] = ()
    records: Sequence[Record] = ()
    group: str = ""


async def no_objection() -> None:
    """Let every batch be judged."""


class Intake(Generic[E]):
    """Hands what was read from these topics to `ingest`, which does the work of a batch or none of it.

    `person_of` says whom a record's key names, where the rest of it cannot be read. `insist` refuses to
    judge a batch now, as with a wrong clock.
    """

    def __init__(
        self,
        *,
        consumed: Sequence[ConsumedTopic],
        read: ReadRecord[E],
        person_of: PersonOf,
        ingest: Callable[[Batch[E]], Awaitable[None]],
        clock: Clock,
        insist: Callable[[], Awaitable[None]] = no_objection,
    ) -> None:
        self._groups = {topic.topic: topic.group for topic in consumed}
        self._read = read
        self._person_of = person_of
        self._ingest = ingest
        self._clock = clock
        self._insist = insist

    def subscriptions(self, *, max_records: int = 500) -> list[Subscription]:
        """Return one subscription per topic, to be attached to a broker."""
        return [
            Subscription(
                topic=topic, group=group, handle=self.handle, clock=self._clock, max_records=max_records
            )
            for topic, group in self._groups.items()
        ]

    async def handle(self, records: Sequence[Record]) -> Collection[MalformedRecord]:
        """Ingest a batch of one topic; one malformed record never harms its neighbors.

        Raises:
            WrongClock: nothing was judged; the batch is read again once the clock is right.
        """
        await self._insist()
        records = [_cut(record) for record in records]
        events, malformed = sort_records(
            records, read=self._read, person_of=self._person_of, now=self._clock.now()
        )
        group = self._groups[records[0].topic] if records else ""
        batch = Batch(
            events=events,
            origins=without(records, malformed),
            malformed=malformed,
            records=records,
            group=group,
        )
        await self._ingest(batch)
        return malformed


def nobody(_: bytes | None) -> None:
    """Read no key."""


def sort_records(
    records: Sequence[Record], *, read: ReadRecord[E], person_of: PersonOf = nobody, now: datetime
) -> tuple[list[E], list[MalformedRecord]]:
    """Read each record on its own; return the events, and the records that are none."""
    events: list[E] = []
    malformed: list[MalformedRecord] = []
    for record in records:
        if isinstance(record.value, Cut):
            # What is left of it might even read as an event.
            malformed.append(
                MalformedRecord(
                    record=record,
                    reason=TOO_LARGE,
                    problem=_too_large(record.value),
                    person=person_of(record.key),
                )
            )
            continue
        event = read(record, now=now)
        if isinstance(event, MalformedRecord):
            malformed.append(event)
        else:
            events.append(event)
    return events, malformed


def _cut(record: Record) -> Record:
    """Return the record with no more of its value than may be kept."""
    if record.value is None or len(record.value) <= LARGEST_VALUE:
        return record
    return record._replace(value=Cut.from_whole(record.value))


def _too_large(cut: Cut) -> str:
    return (
        f"the value has {cut.size:,} bytes, or its batch unpacks to too much: "
        f"the first {len(cut):,} are kept; SHA-256 of all of it: {cut.digest.hex()}"
    )
