"""What other systems ask about people: who they are now, who has an address, what was said since."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from foundation import quarantine
from foundation.database import Connection
from preferences.announcing.snapshots import snapshot
from preferences.ledger.circles import others_by_person, read_whole_circles
from preferences.model.entry import Entry
from preferences.model.same_person import joined_snapshot
from preferences.store import entries as ledger
from preferences.store import people
from schemas.addresses import comparable


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """A person as `people.v1` carries them, under the version that it carries."""

    person_id: str
    version: int
    data: Mapping[str, Any]


async def read_people(connection: Connection, wanted: Collection[str], *, now: datetime) -> list[KnownPerson]:
    """Return those of these people who are known, in the order of their ids."""
    found = [
        person
        for person in await people.find_people(connection, wanted, now=now)
        if person.digest is not None
    ]
    whole = await read_whole_circles(connection, found, now=now)
    waiting = await quarantine.keys_waiting(connection, [person.person_id for person in whole])
    others_of = others_by_person({person.person_id: person.record for person in whole})
    known: list[KnownPerson] = []
    for person in found:
        others = others_of[person.person_id]
        unreadable = not waiting.isdisjoint({person.person_id, *others})
        data = joined_snapshot(person.person_id, person.record, others, unreadable=unreadable)
        told = snapshot(person, data, now=now).data
        known.append(KnownPerson(person_id=person.person_id, version=person.version, data=told))
    return known


async def search(
    connection: Connection, address: str, *, after: str, limit: int, now: datetime
) -> list[KnownPerson]:
    """Return the people of an address in any spelling, beginning behind the id `after`."""
    names = await people.list_by_address(connection, comparable(address), after=after, limit=limit)
    return await read_people(connection, names, now=now)


async def list_changes(connection: Connection, *, after: int, limit: int) -> list[Entry]:
    """Return entries in the order in which they were committed: nothing appears later below one of them."""
    return await ledger.list_entries(connection, after=after, limit=limit)
