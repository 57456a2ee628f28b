"""Ingest: what a batch of events says, remembered and told, set-wise and in one transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

import msgspec
import structlog

from foundation import inbox, offsets, outbox, quarantine
from foundation.clock import Clock
from foundation.database import Connection, Database
from foundation.intake import Batch
from preferences.announcing.events import SOURCE
from preferences.announcing.quarantine import quarantined
from preferences.announcing.snapshots import snapshot
from preferences.model.record import HeardEvent, in_order_of_hearing, merged
from preferences.model.snapshot import snapshot_of
from preferences.store import people
from preferences.store.people import Person
from schemas.envelope import Event

log = structlog.get_logger(__name__)

_encode = msgspec.json.Encoder(order="sorted").encode


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
    kept = await quarantine.keep(connection, batch.malformed, now=now)
    await outbox.append(connection, [quarantined(record, now=now) for record in kept], source=SOURCE)
    named = {record.malformed.person for record in kept if record.malformed.person}
    return await tell(connection, batch.events, named | {event.person_id for event in batch.events}, now=now)


async def tell(
    connection: Connection, events: Sequence[Event], concerned: Collection[str], *, now: datetime
) -> int:
    """Remember what is new in these events, and publish each of the people concerned who changed by it.

    Locks the people until the transaction ends.
    """
    if not concerned:
        return 0
    locked = await people.lock_people(connection, concerned, now=now)
    new = await inbox.hear(connection, ((event.source, event.id) for event in events), now=now)
    fresh = in_order_of_hearing((event for event in events if (event.source, event.id) in new), now=now)
    events_by_person = {
        person: list(group) for person, group in groupby(sorted(fresh, key=_person_of), key=_person_of)
    }
    waiting = await quarantine.keys_waiting(connection, [person.person_id for person in locked])
    drawings = [
        _draw(person, events_by_person.get(person.person_id, ()), unreadable=person.person_id in waiting)
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


def _draw(person: Person, events: Sequence[HeardEvent], *, unreadable: bool) -> _Drawing:
    record = merged(person.record, events)
    data = snapshot_of(person.person_id, record, unreadable=unreadable)
    digest = sha256(_encode(data)).digest()
    never_told = person.digest is None and not record and not unreadable
    is_news = digest != person.digest and not never_told
    now_known = replace(
        person,
        record=record,
        version=person.version + is_news,
        digest=digest if is_news else person.digest,
    )
    return _Drawing(person=now_known, data=data, is_new=is_news or record != person.record, is_news=is_news)
