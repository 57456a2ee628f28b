"""Close email for whoever asks by the link or the one-click header of an email."""

from contextlib import suppress
from datetime import datetime

import structlog

from foundation import outbox
from foundation.clock import Clock
from foundation.database import Database, StillLocked, wait_for_locks
from outreach.announcing import touches as announce
from outreach.announcing.suppressions import closed_addresses
from outreach.listening.replies import LONGEST_WAIT_FOR_A_LOCK
from outreach.model.suppression import Suppression
from outreach.model.words import Channel
from outreach.store import people, replies, suppressions
from outreach.store.changes import people_changed
from schemas.addresses import comparable

log = structlog.get_logger(__name__)

_AT_ONCE = 100


async def unsubscribe(*, person_id: str, address: str, database: Database, clock: Clock) -> None:
    """Close email for this person and this address, before returning; doing it again changes nothing.

    From its first moment on no email goes to either, without a lock of anybody's. Where somebody holds a
    person concerned for long, the rest is bound later, by `bind_waiting_unsubscribes`.

    Raises:
        DatabaseUnavailable: nothing is bound.
    """
    address, now = comparable(address), clock.now()
    async with database.transaction() as connection:
        await replies.wait_to_unsubscribe(connection, person_id=person_id, address=address, now=now)
    try:
        await _bind(person_id, address, heard_at=now, database=database, clock=clock)
    except StillLocked:
        log.warning("an unsubscribe waits for a lock")


async def bind_waiting_unsubscribes(*, database: Database, clock: Clock) -> int:
    """Bind what waited for a lock; return how many are bound now.

    Raises:
        DatabaseUnavailable: the rest waits on.
    """
    async with database.transaction() as connection:
        waiting = await replies.list_waiting_unsubscribes(connection, limit=_AT_ONCE)
    bound = 0
    for wish in waiting:
        with suppress(StillLocked):
            await _bind(wish.person_id, wish.address, heard_at=wish.heard_at, database=database, clock=clock)
            bound += 1
    return bound


async def _bind(
    person_id: str, address: str, *, heard_at: datetime, database: Database, clock: Clock
) -> None:
    now = clock.now()
    async with database.transaction() as connection:
        await wait_for_locks(connection, at_most=LONGEST_WAIT_FOR_A_LOCK)
        whose = sorted({person_id, *await people.list_people_at(connection, [address])})
        await people.lock_people(connection, whose)
        await replies.end_waiting_unsubscribe(connection, person_id=person_id, address=address)
        closed = Suppression.opt_out(
            f"unsubscribe:{person_id}:{heard_at.isoformat()}",
            person_id=person_id,
            address=address,
            channel=Channel.EMAIL,
            at=heard_at,
        )
        bound = await suppressions.read_suppressions(connection, [person_id])
        if any(_is_same(suppression, closed) for suppression in bound.get(person_id, ())):
            return
        await suppressions.record_suppressions(connection, [closed], origin="unsubscribe", now=now)
        news = [closed_addresses(closed, person_id=person_id, origin="unsubscribe", now=now)]
        await outbox.append(connection, news, source=announce.SOURCE)
        await people_changed(connection, whose, now=now, wake=False)
    log.info("unsubscribed", people=len(whose))


def _is_same(old: Suppression, new: Suppression) -> bool:
    same = (old.kind, old.channel, old.address) == (new.kind, new.channel, new.address)
    return same and not old.is_local
