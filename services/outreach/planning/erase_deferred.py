"""Erase whoever had to wait: what forbade it here is over."""

import structlog

from foundation.clock import Clock
from foundation.database import Database
from outreach.planning.erase import erase_people, list_forbidding
from outreach.store import erasures, people
from outreach.store.changes import people_changed
from outreach.store.erasures import DeferredErasure, Erasure

log = structlog.get_logger(__name__)

_AT_ONCE = 200


async def erase_deferred(*, database: Database, clock: Clock) -> int:
    """Erase those whose erasure waits and whom nothing forbids to erase any more; return how many."""
    now, erased = clock.now(), 0
    last: DeferredErasure | None = None
    while True:
        async with database.transaction() as connection:
            # However many wait for long, those behind them are looked at too.
            waiting = await erasures.list_deferred(connection, limit=_AT_ONCE, after=last)
            if not waiting:
                return erased
            await people.lock_people(connection, [one.person_id for one in waiting])
            # What waits is read again: whoever returned meanwhile is erased no more.
            again = await erasures.list_deferred(connection, limit=_AT_ONCE, after=last)
            still = {one.person_id: one for one in again}
            asked = [one.person_id for one in waiting if one.person_id in still]
            forbidden = await list_forbidding(connection, asked, now=now)
            free = {
                name: Erasure(version=still[name].version, erased_at=still[name].erased_at)
                for name in asked
                if name not in forbidden
            }
            await erase_people(connection, free, now=now)
            await people_changed(connection, free, now=now, wake=False)
        erased, last = erased + len(free), waiting[-1]
