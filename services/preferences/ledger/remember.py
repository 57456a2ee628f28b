"""Remember: what was told of people, put back where the database lacks it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from foundation import outbox
from foundation.database import Connection
from preferences.announcing.events import SOURCE
from preferences.ledger.tell import digest_of
from preferences.model.addresses import addresses_of
from preferences.model.entry import entries_carried
from preferences.model.past import registers_drawn
from preferences.model.record import Record, fold_into
from preferences.model.snapshot import snapshot_of
from preferences.store import links, people
from preferences.store.entries import append_entries
from preferences.store.links import Place
from preferences.store.people import Person
from schemas.envelope import Event
from schemas.people import PersonSnapshot
from schemas.topics import PEOPLE

#: Who is said to have written what stands in the ledger for a snapshot.
_READ_BACK: Final = "read back from people.v1"


async def remember(connection: Connection, events: Iterable[Event], *, now: datetime) -> int:
    """Put back what these snapshots of ours say of people of whom less is known; return of how many.

    Nothing is published of it: it was. Remembering again, or what was never forgotten, changes nothing.
    """
    told = {
        event.person_id: event
        for event in events
        if event.source == SOURCE and isinstance(event.data, PersonSnapshot)
    }
    if not told:
        return 0
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
        {(PEOPLE, person): event.sequence for person, event in told.items() if event.sequence is not None},
    )
    return len(remembered)


def _version_of(event: Event) -> int:
    assert isinstance(event.data, PersonSnapshot)
    return event.data.version


def _remembered(person: Person, drawn: Record, *, version: int) -> Person:
    record = dict(person.record)
    fold_into(record, drawn)
    told = snapshot_of(person.person_id, record, unreadable=False)
    return replace(
        person, record=record, version=version, digest=digest_of(told), addresses=addresses_of(record)
    )
