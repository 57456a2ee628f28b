"""What was said about a person, and what was known of them at any instant."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from foundation import quarantine
from foundation.database import Connection
from preferences.model.entry import Entry
from preferences.model.fold import as_of, fold
from preferences.model.record import changed_at, moment
from preferences.model.snapshot import snapshot_of
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
    heard = as_of((await ledger.read_entries(connection, [person_id])).get(person_id, ()), at)
    waited = await quarantine.is_waiting_at(connection, person_id, at=at)
    if person is None or not (heard or waited):
        raise PersonNotFound(person_id)
    record = fold(heard)
    known = snapshot_of(person_id, record, unreadable=waited)
    return History(entries=heard, snapshot={**known, "changed_at": changed_at(record) or moment(at)})
