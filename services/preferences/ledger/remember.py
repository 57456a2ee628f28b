"""Remember: what was told of people, put back where the database lacks it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from foundation.database import Connection
from preferences.announcing.events import SOURCE
from preferences.ledger.ingest import digest_of
from preferences.model.past import registers_drawn
from preferences.model.record import latest_of
from preferences.model.snapshot import snapshot_of
from preferences.store import people
from preferences.store.people import Person
from schemas.envelope import Event
from schemas.people import PersonSnapshot


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
    remembered = [_remembered(person, told[person.person_id]) for person in forgotten]
    await people.keep_people(connection, remembered, now=now)
    return len(remembered)


def _version_of(event: Event) -> int:
    assert isinstance(event.data, PersonSnapshot)
    return event.data.version


def _remembered(person: Person, event: Event) -> Person:
    record = dict(person.record)
    for name, register in registers_drawn(event).items():
        record[name] = latest_of(name, record.get(name), register)
    drawn = snapshot_of(person.person_id, record, unreadable=False)
    return replace(person, record=record, version=_version_of(event), digest=digest_of(drawn))
