"""What becomes of a record that was kept aside: read once more, or passed over for good."""

from datetime import datetime
from typing import Literal

from foundation import quarantine
from foundation.clock import Clock
from foundation.database import Connection, Database
from foundation.quarantine import QuarantinedRecord
from preferences.errors import AlreadyDecided, RecordNotFound
from preferences.ledger.ingest import hear, tell
from schemas import envelope


async def replay(record_id: int, *, by: str, database: Database, clock: Clock) -> bool:
    """Read a kept record once more and do what it says; return whether anything was new in it.

    To be used after what was at fault here is mended: a release that knows the version, a clock
    that was slow. The person it names no longer waits for it.

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
        await _close(connection, kept, state="replayed", by=by, now=now)
        fresh, _ = await hear(connection, [event], now=now)
        return await tell(connection, fresh, {event.person_id, *_named(kept)}, now=now) > 0


async def dismiss(record_id: int, *, by: str, database: Database, clock: Clock) -> None:
    """Pass over a kept record for good: somebody has looked, and it says nothing that counts.

    Raises:
        RecordNotFound: no record has this id.
        AlreadyDecided: it was replayed or dismissed before.
    """
    now = clock.now()
    async with database.transaction() as connection:
        kept = await _find_open(connection, record_id)
        await _close(connection, kept, state="dismissed", by=by, now=now)
        await tell(connection, [], _named(kept), now=now)


async def find(record_id: int, *, database: Database) -> QuarantinedRecord:
    """Return a kept record.

    Raises:
        RecordNotFound: no record has this id.
    """
    async with database.transaction() as connection:
        kept = await quarantine.find(connection, record_id)
    if kept is None:
        raise RecordNotFound(record_id)
    return kept


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
    if not await quarantine.close(connection, kept.id, state=state, by=by, now=now):
        raise AlreadyDecided(kept.id, "closed by somebody else")


def _named(kept: QuarantinedRecord) -> set[str]:
    return {kept.malformed.person} if kept.malformed.person else set()
