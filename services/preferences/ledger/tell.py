"""The one door into the ledger: what is said about people is kept, folded and told, in one transaction."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import groupby
from typing import Any, Final

import msgspec

from foundation import outbox, quarantine
from foundation.database import Connection
from preferences.announcing.events import SOURCE
from preferences.announcing.snapshots import snapshot
from preferences.ledger.circles import lock_circles, others_by_person
from preferences.ledger.meet_stops import meet_stops
from preferences.model.addresses import addresses_of
from preferences.model.entry import HeardStatement, Statement, entries_carried, entry_of, seen_from_both
from preferences.model.fold import fold, needs_the_whole_ledger
from preferences.model.record import Record, Stamp, fold_into, merged, moment
from preferences.model.same_person import circles_of, joined_snapshot, kept_closed, others_of
from preferences.store import erasures, links, people
from preferences.store.entries import append_entries, read_entries
from preferences.store.links import Place
from preferences.store.people import Person

_encode = msgspec.json.Encoder(order="sorted").encode
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_CALLER: Final = 200


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
    people and their other ids until the transaction ends; return them as they are then, in the order of
    their ids.

    Raises:
        Erased: one of these people is erased, and has not returned; nothing was kept.
    """
    if not concerned:
        return []
    seen = [view for statement in statements for view in seen_from_both(statement)]
    said = _in_order_of_hearing(seen, now=now)
    joining = any(statement.joins_or_separates for statement in said)
    everybody = {*concerned, *(statement.person_id for statement in said)}
    locked = await _beyond_erasures(
        connection, await lock_circles(connection, everybody, joining=joining, now=now)
    )
    records = {person.person_id: person.record for person in locked}
    for run in _runs(said):
        records |= await _keep(connection, records, run)
    records |= await meet_stops(connection, locked, records, now=now)
    return await publish_changed(connection, locked, records, now=now)


async def _beyond_erasures(connection: Connection, locked: Sequence[Person]) -> list[Person]:
    """Return these people, those who returned with the version of their erasure: what comes is above it."""
    new = {person.person_id for person in locked if person.version == 0}
    versions = await erasures.list_versions(connection, new) if new else {}
    return [replace(person, version=versions.get(person.person_id, person.version)) for person in locked]


async def publish_changed(
    connection: Connection, locked: Sequence[Person], records: Mapping[str, Record], *, now: datetime
) -> list[Drawing]:
    """Store these records of people, locked with all their other ids, and publish whom they change."""
    waiting = await quarantine.keys_waiting(connection, [person.person_id for person in locked])
    others = others_by_person(records)
    drawings = [
        draw(
            person,
            records[person.person_id],
            others=others[person.person_id],
            unreadable=not waiting.isdisjoint({person.person_id, *others[person.person_id]}),
            now=now,
        )
        for person in locked
    ]
    await people.keep_people(connection, [drawing.person for drawing in drawings if drawing.is_new], now=now)
    await links.name_addresses(connection, _new_places(locked, drawings))
    snapshots = [snapshot(drawing.person, drawing.data, now=now) for drawing in drawings if drawing.is_news]
    await outbox.append(connection, snapshots, source=SOURCE)
    return drawings


def draw(
    person: Person, record: Record, *, others: Mapping[str, Record], unreadable: bool, now: datetime
) -> Drawing:
    """Return the person with this record, and whether that is new to the store and to those who listen."""
    data = joined_snapshot(person.person_id, record, others, unreadable=unreadable)
    digest = digest_of(data)
    addresses = addresses_of(record)
    never_told = person.digest is None and not record and not others and not unreadable
    is_news = digest != person.digest and not never_told
    now_known = replace(
        person,
        record=record,
        version=version_after(person.version, now=now) if is_news else person.version,
        digest=digest if is_news else person.digest,
        addresses=addresses,
        same_as=others_of(record),
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


def _runs(said: Sequence[HeardStatement]) -> Iterator[list[HeardStatement]]:
    """Cut what was said, in the order of hearing, where it changes which ids are one person."""
    for number, run in groupby(said, key=lambda statement: statement.joins_or_separates):
        statements = list(run)
        yield from ([statement] for statement in statements) if number else [statements]


async def _keep(
    connection: Connection, records: Mapping[str, Record], said: Sequence[HeardStatement]
) -> dict[str, Record]:
    """Add to the ledger what was said, and return the records that are others by it."""
    by_person = sorted(said, key=lambda statement: statement.person_id)
    await append_entries(connection, [entry_of(statement) for statement in by_person])
    heard = {
        person_id: [statement.heard for statement in group]
        for person_id, group in groupby(by_person, key=lambda statement: statement.person_id)
    }
    corrected = {person_id for person_id, events in heard.items() if needs_the_whole_ledger(events)}
    entries = await read_entries(connection, corrected) if corrected else {}
    after = {
        person_id: fold(entries[person_id]) if person_id in corrected else merged(records[person_id], events)
        for person_id, events in heard.items()
    }
    if said[0].joins_or_separates:
        after |= await _keep_closed(connection, records, {**records, **after}, said[0])
    return after


async def _keep_closed(
    connection: Connection, before: Mapping[str, Record], after: Mapping[str, Record], said: HeardStatement
) -> dict[str, Record]:
    """Keep closed for each id what those had closed for it of whom it was just said that they are others."""
    circles_before, circles_after = circles_of(before), circles_of(after)
    event, hearing = said.statement.event, moment(said.heard_at)
    stamp = Stamp(hearing, event.source, event.id, hearing)
    kept: dict[str, Record] = {}
    for person_id in sorted(circles_before[said.person_id]):
        lost = {other: before[other] for other in circles_before[person_id] - circles_after[person_id]}
        closed = kept_closed(person_id, before[person_id], lost, stamp=stamp) if lost else {}
        about = msgspec.structs.replace(event, person_id=person_id)
        caller = f"separated from {' '.join(sorted(lost))}"[:_LONGEST_CALLER]
        await append_entries(
            connection, entries_carried(about, closed, caller=caller, heard_at=said.heard_at)
        )
        registers = dict(after[person_id])
        fold_into(registers, closed)
        kept[person_id] = registers
    return kept


def _in_order_of_hearing(statements: Sequence[Statement], *, now: datetime) -> list[HeardStatement]:
    return [
        HeardStatement(statement=statement, heard_at=now + timedelta(microseconds=place))
        for place, statement in enumerate(statements)
    ]


def version_after(version: int, *, now: datetime) -> int:
    """Return a version above this one, and above any that the time before a restore has published."""
    return max(version + 1, (now - _EPOCH) // timedelta(microseconds=1))
