"""What staff do with records that nobody could read."""

from typing import Literal

from foundation import quarantine
from foundation.clock import Clock
from foundation.database import Database
from foundation.quarantine import QuarantinedRecord
from outreach.store import people
from outreach.store.changes import people_changed


async def release(
    kept: QuarantinedRecord,
    *,
    state: Literal["replayed", "dismissed"],
    by: str,
    database: Database,
    clock: Clock,
) -> bool:
    """Close a quarantined record; the person it names no longer waits. Return whether it was open."""
    now, person = clock.now(), kept.malformed.person
    async with database.transaction() as connection:
        if person is not None:
            await people.lock_people(connection, [person])
        was_open = await quarantine.close(connection, kept.id, state=state, by=by, now=now)
        if was_open and person is not None:
            await people_changed(connection, [person], now=now, wake=True)
    return was_open
