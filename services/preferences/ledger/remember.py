"""Remember: what was told of people, put back where the database lacks it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from foundation import outbox
from foundation.database import Connection
from preferences.announcing.events import SOURCE
from preferences.ledger.forget import forget
from preferences.ledger.tell import digest_of
from preferences.model.addresses import addresses_of
from preferences.model.entry import entries_carried
from preferences.model.past import registers_drawn
from preferences.model.record import Record, fold_into
from preferences.model.snapshot import snapshot_of
from preferences.store import erasures, links, people
from preferences.store.entries import append_entries
from preferences.store.erasures import KeptStop
from preferences.store.links import Place
from preferences.store.people import Person
from schemas.envelope import Event
from schemas.people import PersonErased, PersonSnapshot
from schemas.topics import PEOPLE

#: Who is said to have written what stands in the ledger for a snapshot.
_READ_BACK: Final = "read back from people.v1"


async def remember(connection: Connection, events: Iterable[Event], *, now: datetime) -> int:
    """Put back what these snapshots of ours say of people of whom less is known; return of how many.

    Whoever was erased is erased again. Nothing is published of it: it was. Remembering again, or what was
    never forgotten, changes nothing.
    """
    latest = {
        event.person_id: event
        for event in events
        if event.source == SOURCE and isinstance(event.data, PersonSnapshot | PersonErased)
    }
    if not latest:
        return 0
    await people.hold_circles(connection, joining=True)
    again = await _erase_again(connection, latest, now=now)
    told = {person: event for person, event in latest.items() if isinstance(event.data, PersonSnapshot)}
    versions = await erasures.list_versions(connection, told)
    # What was told before somebody was erased is not put back; what came after it says that they returned.
    told = {person: event for person, event in told.items() if _version_of(event) > versions.get(person, 0)}
    await erasures.note_returned(connection, told, now=now)
    locked = await people.lock_people(connection, told, now=now)
    forgotten = [person for person in locked if person.version < _version_of(told[person.person_id])]
    drawn = {person.person_id: registers_drawn(told[person.person_id]) for person in forgotten}
    carried = [
        entry
        for person_id, registers in drawn.items()
        for entry in entries_carried(told[person_id], registers, caller=_READ_BACK)
    ]
    await append_entries(connection, carried)
    remembered = [
        _remembered(person, drawn[person.person_id], version=_version_of(told[person.person_id]))
        for person in forgotten
    ]
    await people.keep_people(connection, remembered, now=now)
    await links.name_addresses(
        connection,
        [Place(person.person_id, address) for person in remembered for address in person.addresses or ()],
    )
    await outbox.count_on(
        connection,
        {(PEOPLE, person): event.sequence for person, event in latest.items() if event.sequence is not None},
    )
    return len(remembered) + again


async def _erase_again(connection: Connection, told: Mapping[str, Event], *, now: datetime) -> int:
    """Erase whom these say were erased, where a backup of before brought them back; return how many."""
    erased = {person: event.data for person, event in told.items() if isinstance(event.data, PersonErased)}
    known = await erasures.list_versions(connection, erased)
    again = {person: data for person, data in erased.items() if data.version > known.get(person, 0)}
    locked = await people.lock_people(connection, again, now=now)
    versions = {person: data.version for person, data in again.items()}
    # What a newer release has told of them stands.
    back = [person for person in locked if person.version < versions[person.person_id]]
    stops = {person: [KeptStop(**stop.model_dump()) for stop in data.stops] for person, data in again.items()}
    await forget(connection, back, versions=versions, told=stops, now=now)
    return len(back)


def _version_of(event: Event) -> int:
    assert isinstance(event.data, PersonSnapshot | PersonErased)
    return event.data.version


def _remembered(person: Person, drawn: Record, *, version: int) -> Person:
    record = dict(person.record)
    fold_into(record, drawn)
    told = snapshot_of(person.person_id, record, unreadable=False)
    return replace(
        person, record=record, version=version, digest=digest_of(told), addresses=addresses_of(record)
    )
