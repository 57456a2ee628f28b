"""The one door into the ledger: what is said about people is kept, folded and told, in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import groupby
from typing import Any

import msgspec

from foundation import outbox, quarantine
from foundation.database import Connection
from preferences.announcing.events import SOURCE
from preferences.announcing.snapshots import snapshot
from preferences.model.addresses import addresses_of
from preferences.model.entry import HeardStatement, Statement, entry_of
from preferences.model.fold import fold, needs_the_whole_ledger
from preferences.model.record import HeardEvent, Record, merged
from preferences.model.snapshot import snapshot_of
from preferences.store import links, people
from preferences.store.entries import append_entries, read_entries
from preferences.store.links import Place
from preferences.store.people import Person

_encode = msgspec.json.Encoder(order="sorted").encode
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A person as remembered now. `is_new`: something is to be stored; `is_news`: and to be told."""

    person: Person
    data: Mapping[str, Any]
    is_new: bool
    is_news: bool


async def tell(
    connection: Connection, statements: Sequence[Statement], concerned: Collection[str], *, now: datetime
) -> list[Drawing]:
    """Keep what these new statements say, and publish each of the people concerned who changed by it.

    Every change takes this way, whoever asks for it: by event, API, page, import or command. Locks the
    people until the transaction ends; return them as they are then, in the order of their ids.
    """
    if not concerned:
        return []
    locked = await people.lock_people(connection, concerned, now=now)
    said = sorted(_in_order_of_hearing(statements, now=now), key=_person_of)
    await append_entries(connection, [entry_of(statement) for statement in said])
    heard = {
        person: [statement.heard for statement in group] for person, group in groupby(said, key=_person_of)
    }
    records = await _records_after(connection, locked, heard)
    return await publish_changed(connection, locked, records, now=now)


async def publish_changed(
    connection: Connection, locked: Sequence[Person], records: Mapping[str, Record], *, now: datetime
) -> list[Drawing]:
    """Store these records of people whom the caller has locked, and publish whom they change."""
    waiting = await quarantine.keys_waiting(connection, [person.person_id for person in locked])
    drawings = [
        draw(person, records[person.person_id], unreadable=person.person_id in waiting, now=now)
        for person in locked
    ]
    await people.keep_people(connection, [drawing.person for drawing in drawings if drawing.is_new], now=now)
    await links.name_addresses(connection, _new_places(locked, drawings))
    snapshots = [snapshot(drawing.person, drawing.data, now=now) for drawing in drawings if drawing.is_news]
    await outbox.append(connection, snapshots, source=SOURCE)
    return drawings


def draw(person: Person, record: Record, *, unreadable: bool, now: datetime) -> Drawing:
    """Return the person with this record, and whether that is new to the store and to those who listen."""
    data = snapshot_of(person.person_id, record, unreadable=unreadable)
    digest = digest_of(data)
    addresses = addresses_of(record)
    never_told = person.digest is None and not record and not unreadable
    is_news = digest != person.digest and not never_told
    now_known = replace(
        person,
        record=record,
        version=_version_after(person.version, now=now) if is_news else person.version,
        digest=digest if is_news else person.digest,
        addresses=addresses,
    )
    is_new = is_news or record != person.record or (addresses != person.addresses and bool(record))
    return Drawing(person=now_known, data=data, is_new=is_new, is_news=is_news)


def _new_places(before: Sequence[Person], drawings: Sequence[Drawing]) -> list[Place]:
    """Return the addresses that people have now and had not before."""
    return [
        Place(known.person_id, address)
        for known, drawing in zip(before, drawings, strict=True)
        for address in set(drawing.person.addresses or ()) - set(known.addresses or ())
    ]


def digest_of(snapshot: Mapping[str, Any]) -> bytes:
    """Return what tells whether a snapshot, without its version and instant, is another than before."""
    return sha256(_encode(snapshot)).digest()


async def _records_after(
    connection: Connection, locked: Sequence[Person], heard: Mapping[str, Sequence[HeardEvent]]
) -> dict[str, Record]:
    corrected = {person for person, events in heard.items() if needs_the_whole_ledger(events)}
    entries = await read_entries(connection, corrected) if corrected else {}
    return {
        person.person_id: fold(entries[person.person_id])
        if person.person_id in corrected
        else merged(person.record, heard.get(person.person_id, ()))
        for person in locked
    }


def _in_order_of_hearing(statements: Sequence[Statement], *, now: datetime) -> list[HeardStatement]:
    return [
        HeardStatement(statement=statement, heard_at=now + timedelta(microseconds=place))
        for place, statement in enumerate(statements)
    ]


def _person_of(said: HeardStatement) -> str:
    return said.statement.event.person_id


def _version_after(version: int, *, now: datetime) -> int:
    """Return a version above this one, and above any that the time before a restore has published."""
    return max(version + 1, (now - _EPOCH) // timedelta(microseconds=1))
