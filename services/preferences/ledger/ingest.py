"""Ingest: what a batch of events says, remembered and told, set-wise and in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Final

import structlog

from foundation import inbox, offsets, outbox, quarantine
from foundation.clock import Clock
from foundation.database import Connection, Database
from foundation.intake import Batch
from foundation.quarantine import MalformedRecord
from foundation.records import Record as KafkaRecord
from preferences.announcing.events import SOURCE
from preferences.announcing.quarantine import quarantined
from preferences.ledger.sort_out import sort_out_erased
from preferences.ledger.tell import tell
from preferences.model.entry import Statement
from schemas import envelope
from schemas.envelope import Event
from schemas.replies import AddressClosed, AddressOpened

log = structlog.get_logger(__name__)

#: Told by outreach to itself, of addresses that nobody known has: their subject is no person.
ABOUT_ADDRESSES: Final = (AddressClosed, AddressOpened)


async def ingest(batch: Batch[Event], *, database: Database, clock: Clock) -> None:
    """Remember what the events say and publish whom they changed: all of it or nothing.

    Ingesting the same batch again changes nothing, so redelivery is safe. A malformed record is
    kept with its reason; the snapshot of the person it names says so until somebody decides.

    Raises:
        DatabaseUnavailable: nothing was done; read the batch again later.
    """
    now = clock.now()
    async with database.transaction() as connection:
        snapshots = await ingest_within(connection, batch, now=now)
        await offsets.store(connection, batch.group, batch.records)
    log.info("ingested", events=len(batch.events), malformed=len(batch.malformed), snapshots=snapshots)


async def ingest_within(connection: Connection, batch: Batch[Event], *, now: datetime) -> int:
    """Do the work of a batch in the caller's transaction; return how many snapshots it published."""
    fresh, changed_content = await hear(connection, batch.events, batch.origins, now=now)
    about_people = [event for event in fresh if not isinstance(event.data, ABOUT_ADDRESSES)]
    malformed = [*batch.malformed, *changed_content]
    sorted_out = await sort_out_erased(
        connection, about_people, malformed, origins=zip_longest(batch.events, batch.origins), now=now
    )
    kept = await quarantine.keep(connection, sorted_out.malformed, now=now)
    await outbox.append(connection, [quarantined(record, now=now) for record in kept], source=SOURCE)
    named = {record.malformed.person for record in kept if record.malformed.person}
    concerned = named | {
        event.person_id for event in batch.events if not isinstance(event.data, ABOUT_ADDRESSES)
    }
    statements = statements_of(sorted_out.events)
    drawings = await tell(connection, statements, concerned - sorted_out.erased, now=now)
    return sum(drawing.is_news for drawing in drawings)


def statements_of(events: Sequence[Event]) -> list[Statement]:
    """Return what other systems published as statements, each in the name of its source."""
    return [Statement(event=event, caller=event.source, way="event") for event in events]


async def hear(
    connection: Connection,
    events: Sequence[Event],
    origins: Sequence[KafkaRecord] = (),
    *,
    now: datetime,
) -> tuple[list[Event], list[MalformedRecord]]:
    """Return the events that were never heard before, and the records of those that changed meanwhile."""
    heard = [inbox.HeardEvent(event.source, event.id, event.digest) for event in events]
    verdicts = await inbox.hear(connection, heard, now=now)
    fresh: list[Event] = []
    changed: list[MalformedRecord] = []
    for event, origin, verdict in zip_longest(events, origins, verdicts):
        if verdict == "new":
            fresh.append(event)
        elif verdict == "changed":
            log.warning("an event came under the id of another", source=event.source, event_id=event.id)
            if origin is not None:
                changed.append(_changed(event, origin))
    return fresh, changed


def _changed(event: Event, origin: KafkaRecord) -> MalformedRecord:
    return MalformedRecord(
        record=origin,
        reason=envelope.CHANGED_CONTENT,
        problem=envelope.problem_of_changed_content(event),
        person=event.person_id if envelope.may_close(event) else None,
    )
