"""What was said about a person, and what was known of them at any instant."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from foundation import quarantine
from foundation.database import Connection
from preferences.model.entry import Entry
from preferences.model.fold import as_of, fold
from preferences.model.record import Record, changed_at, moment
from preferences.model.same_person import joined_snapshot, others_of
from preferences.store import entries as ledger
from preferences.store import people


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The entries about a person that had been heard by an instant, and the snapshot that they make."""

    entries: list[Entry]
    snapshot: dict[str, Any]


class PersonNotFound(Exception):
    """Nobody of this id is known."""

    def __init__(self, person_id: str) -> None:
        super().__init__(f"nobody is known as {person_id}")


async def read_history(connection: Connection, person_id: str, *, at: datetime) -> History:
    """Return what had been heard of a person by an instant.

    Raises:
        PersonNotFound: nothing had been heard of them by then.
    """
    person = await people.find_person(connection, person_id, now=at)
    heard = await _heard(connection, person_id, at=at)
    record = fold(heard)
    others = await _other_records(connection, person_id, record, at=at)
    own_waits = await quarantine.is_waiting_at(connection, person_id, at=at)
    if person is None or not (heard or own_waits):
        raise PersonNotFound(person_id)
    waits = own_waits or any(
        [await quarantine.is_waiting_at(connection, other, at=at) for other in sorted(others)]
    )
    known = joined_snapshot(person_id, record, others, unreadable=waits)
    return History(entries=heard, snapshot={**known, "changed_at": changed_at(record) or moment(at)})


async def _other_records(
    connection: Connection, person_id: str, record: Record, *, at: datetime
) -> dict[str, Record]:
    """Return what was known by then of the person's other ids."""
    records = {person_id: record}
    while missing := {other for known in records.values() for other in others_of(known)} - records.keys():
        for other in sorted(missing):
            records[other] = fold(await _heard(connection, other, at=at))
    return {other: known for other, known in records.items() if other != person_id}


async def _heard(connection: Connection, person_id: str, *, at: datetime) -> list[Entry]:
    return as_of((await ledger.read_entries(connection, [person_id])).get(person_id, ()), at)
