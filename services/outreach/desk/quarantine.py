"""What staff do with records that nobody could read: read them once more, or pass them over for good."""

from datetime import datetime
from typing import Literal

from foundation import quarantine
from foundation.clock import Clock
from foundation.database import Connection, Database
from foundation.intake import Batch
from foundation.quarantine import QuarantinedRecord
from outreach.model.playbook import Playbook
from outreach.planning.ingest import ingest_within
from outreach.store import people
from outreach.store.changes import people_changed
from schemas import envelope


class RecordNotFound(Exception):
    """No quarantined record has this id."""

    def __init__(self, record_id: int) -> None:
        super().__init__(f"no record {record_id}")


class AlreadyDecided(Exception):
    """Somebody replayed or dismissed the record before."""

    def __init__(self, record_id: int, state: str) -> None:
        super().__init__(f"record {record_id} is {state} already")


async def replay(record_id: int, *, by: str, database: Database, playbook: Playbook, clock: Clock) -> None:
    """Read a kept record once more and do what it says, and close it: both, or neither.

    Raises:
        RecordNotFound: no record has this id.
        AlreadyDecided: it was replayed or dismissed before.
        schemas.envelope.Malformed: it still cannot be read; nothing is changed.
    """
    now = clock.now()
    async with database.transaction() as connection:
        kept = await _find_open(connection, record_id)
        record = kept.malformed.record
        event = envelope.parse(
            topic=record.topic, key=record.key, value=record.value, headers=record.headers, now=now
        )
        if kept.malformed.reason == envelope.CHANGED_CONTENT:
            event = envelope.as_another(event)
        # This locks whom the record names, who is whom the event is about, before the record is closed.
        await ingest_within(connection, Batch(events=[event]), playbook=playbook, now=now)
        await _close(connection, kept, state="replayed", by=by, now=now)


async def dismiss(record_id: int, *, by: str, database: Database, clock: Clock) -> None:
    """Pass over a kept record for good; the person it names no longer waits for it.

    Raises:
        RecordNotFound: no record has this id.
        AlreadyDecided: it was replayed or dismissed before.
    """
    now = clock.now()
    async with database.transaction() as connection:
        kept = await _find_open(connection, record_id)
        await people.lock_people(connection, _named(kept))
        await _close(connection, kept, state="dismissed", by=by, now=now)


async def _find_open(connection: Connection, record_id: int) -> QuarantinedRecord:
    kept = await quarantine.find(connection, record_id)
    if kept is None:
        raise RecordNotFound(record_id)
    if kept.state != "open":
        raise AlreadyDecided(record_id, kept.state)
    return kept


async def _close(
    connection: Connection,
    kept: QuarantinedRecord,
    *,
    state: Literal["replayed", "dismissed"],
    by: str,
    now: datetime,
) -> None:
    """Close the record, and have decided again what waited for it; the caller has locked whom it names."""
    if not await quarantine.close(connection, kept.id, state=state, by=by, now=now):
        raise AlreadyDecided(kept.id, "closed by somebody else")
    await people_changed(connection, _named(kept), now=now, wake=True)


def _named(kept: QuarantinedRecord) -> set[str]:
    return {kept.malformed.person} if kept.malformed.person else set()
