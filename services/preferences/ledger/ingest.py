"""Ingest: what a batch of events says, remembered and told, set-wise and in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import groupby, zip_longest
from typing import Any, Final

import msgspec
import structlog

from foundation import inbox, offsets, outbox, quarantine
from foundation.clock import Clock
from foundation.database import Connection, Database
from foundation.intake import Batch
from foundation.quarantine import MalformedRecord
from foundation.records import Record as KafkaRecord
from preferences.announcing.events import SOURCE
from preferences.announcing.quarantine import quarantined
from preferences.announcing.snapshots import snapshot
from preferences.model.record import HeardEvent, in_order_of_hearing, merged
from preferences.model.snapshot import snapshot_of
from preferences.store import people
from preferences.store.people import Person
from schemas import envelope
from schemas.envelope import Event
from schemas.replies import AddressClosed, AddressOpened

log = structlog.get_logger(__name__)

_encode = msgspec.json.Encoder(order="sorted").encode
#: Told by outreach to itself, of addresses that nobody known has: their subject is no person.
ABOUT_ADDRESSES: Final = (AddressClosed, AddressOpened)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
    kept = await quarantine.keep(connection, [*batch.malformed, *changed_content], now=now)
    await outbox.append(connection, [quarantined(record, now=now) for record in kept], source=SOURCE)
    named = {record.malformed.person for record in kept if record.malformed.person}
    about = {event.person_id for event in batch.events if not isinstance(event.data, ABOUT_ADDRESSES)}
    return await tell(connection, fresh, named | about, now=now)


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


async def tell(
    connection: Connection, events: Sequence[Event], concerned: Collection[str], *, now: datetime
) -> int:
    """Remember what these new events say, and publish each of the people concerned who changed by it.

    Locks the people until the transaction ends.
    """
    if not concerned:
        return 0
    locked = await people.lock_people(connection, concerned, now=now)
    heard = sorted(in_order_of_hearing(events, now=now), key=_person_of)
    events_by_person = {person: list(group) for person, group in groupby(heard, key=_person_of)}
    waiting = await quarantine.keys_waiting(connection, [person.person_id for person in locked])
    drawings = [
        _draw(
            person,
            events_by_person.get(person.person_id, ()),
            unreadable=person.person_id in waiting,
            now=now,
        )
        for person in locked
    ]
    await people.keep_people(connection, [drawing.person for drawing in drawings if drawing.is_new], now=now)
    snapshots = [snapshot(drawing.person, drawing.data, now=now) for drawing in drawings if drawing.is_news]
    await outbox.append(connection, snapshots, source=SOURCE)
    return len(snapshots)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawing:
    """A person as remembered now. `is_new`: something is to be stored; `is_news`: and to be told."""

    person: Person
    data: dict[str, Any]
    is_new: bool
    is_news: bool


def _person_of(heard: HeardEvent) -> str:
    return heard.event.person_id


def _draw(person: Person, events: Sequence[HeardEvent], *, unreadable: bool, now: datetime) -> _Drawing:
    record = merged(person.record, events)
    data = snapshot_of(person.person_id, record, unreadable=unreadable)
    digest = digest_of(data)
    never_told = person.digest is None and not record and not unreadable
    is_news = digest != person.digest and not never_told
    now_known = replace(
        person,
        record=record,
        version=_version_after(person.version, now=now) if is_news else person.version,
        digest=digest if is_news else person.digest,
    )
    return _Drawing(person=now_known, data=data, is_new=is_news or record != person.record, is_news=is_news)


def digest_of(snapshot: Mapping[str, Any]) -> bytes:
    """Return what tells whether a snapshot, without its version and instant, is another than before."""
    return sha256(_encode(snapshot)).digest()


def _version_after(version: int, *, now: datetime) -> int:
    """Return a version above this one, and above any that the time before a restore has published."""
    return max(version + 1, (now - _EPOCH) // timedelta(microseconds=1))
