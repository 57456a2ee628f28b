"""What staff do with records that nobody could read: read them once more, or pass them over for good."""

from foundation import acts, quarantine
from foundation.acts import Actor
from foundation.clock import Clock
from foundation.database import Database
from foundation.intake import Batch
from outreach.model.playbook import Playbook
from outreach.planning.ingest import ingest_within
from outreach.store import people
from outreach.store.changes import people_changed
from schemas import envelope


async def replay(
    record_id: int, *, actor: Actor, database: Database, playbook: Playbook, clock: Clock
) -> None:
    """Read a kept record once more and do what it says, and close it: both, or neither.

    Raises:
        foundation.quarantine.RecordNotFound: no record has this id.
        foundation.quarantine.AlreadyDecided: it was replayed or dismissed before.
        foundation.quarantine.NotWhole: only its head was kept.
        schemas.envelope.Malformed: it still cannot be read; nothing is changed.
    """
    now = clock.now()
    async with database.transaction() as connection:
        kept = await quarantine.find_whole(connection, record_id)
        record = kept.malformed.record
        event = envelope.parse(
            topic=record.topic, key=record.key, value=record.value, headers=record.headers, now=now
        )
        if kept.malformed.reason == envelope.CHANGED_CONTENT:
            event = envelope.as_another(event)
        # This locks whom the record names, who is whom the event is about, before the record is closed.
        await ingest_within(connection, Batch(events=[event]), playbook=playbook, now=now)
        await quarantine.decide(connection, kept, state="replayed", by=str(actor), now=now)
        await acts.record(connection, actor, "quarantine replay", subject=str(record_id), now=now)
        await people_changed(connection, kept.named, now=now, wake=True)


async def dismiss(record_id: int, *, actor: Actor, database: Database, clock: Clock) -> None:
    """Pass over a kept record for good; the person it names no longer waits for it.

    Raises:
        foundation.quarantine.RecordNotFound: no record has this id.
        foundation.quarantine.AlreadyDecided: it was replayed or dismissed before.
    """
    now = clock.now()
    async with database.transaction() as connection:
        kept = await quarantine.find_open(connection, record_id)
        await people.lock_people(connection, kept.named)
        await quarantine.decide(connection, kept, state="dismissed", by=str(actor), now=now)
        await acts.record(connection, actor, "quarantine dismiss", subject=str(record_id), now=now)
        await people_changed(connection, kept.named, now=now, wake=True)
