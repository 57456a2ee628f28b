"""What becomes of a record that was kept aside: read once more, or passed over for good."""

from foundation import acts, quarantine
from foundation.acts import Actor
from foundation.clock import Clock
from foundation.database import Database
from preferences.ledger.ingest import hear, statements_of
from preferences.ledger.tell import tell
from preferences.store import erasures
from schemas import envelope


async def replay(record_id: int, *, actor: Actor, database: Database, clock: Clock) -> None:
    """Read a kept record once more and do what it says, and close it: both, or neither.

    To be used after what was at fault here is mended: a release that knows the version, a clock
    that was slow. The person it names no longer waits for it.

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
        await quarantine.decide(connection, kept, state="replayed", by=str(actor), now=now)
        await acts.record(connection, actor, "quarantine replay", subject=str(record_id), now=now)
        fresh, _ = await hear(connection, [event], now=now)
        await tell(connection, statements_of(fresh), {event.person_id, *kept.named}, now=now)


async def dismiss(record_id: int, *, actor: Actor, database: Database, clock: Clock) -> None:
    """Pass over a kept record for good: somebody has looked, and it says nothing that counts.

    Raises:
        foundation.quarantine.RecordNotFound: no record has this id.
        foundation.quarantine.AlreadyDecided: it was replayed or dismissed before.
    """
    now = clock.now()
    async with database.transaction() as connection:
        kept = await quarantine.find_open(connection, record_id)
        await quarantine.decide(connection, kept, state="dismissed", by=str(actor), now=now)
        await acts.record(connection, actor, "quarantine dismiss", subject=str(record_id), now=now)
        # Of whoever was erased meanwhile there is nothing to be told.
        erased = await erasures.find_standing(connection, kept.named)
        await tell(connection, [], kept.named - erased.keys(), now=now)
