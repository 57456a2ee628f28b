"""Close email for whoever asks by the link or the one-click header of an email."""

import structlog

from foundation import outbox
from foundation.clock import Clock
from foundation.database import Database
from outreach.announcing import touches as announce
from outreach.announcing.suppressions import closed_addresses
from outreach.model.suppression import Suppression
from outreach.model.words import Channel
from outreach.store import people, suppressions
from outreach.store.changes import people_changed
from schemas.addresses import comparable

log = structlog.get_logger(__name__)


async def unsubscribe(*, person_id: str, address: str, database: Database, clock: Clock) -> None:
    """Close email for this person and this address, before returning; doing it again changes nothing.

    Raises:
        DatabaseUnavailable: nothing is bound.
    """
    now = clock.now()
    address = comparable(address)
    async with database.transaction() as connection:
        concerned = sorted({person_id, *await people.list_people_at(connection, [address])})
        await people.lock_people(connection, concerned)
        closed = Suppression.opt_out(
            f"unsubscribe:{person_id}:{now.isoformat()}",
            person_id=person_id,
            address=address,
            channel=Channel.EMAIL,
            at=now,
        )
        bound = await suppressions.read_suppressions(connection, [person_id])
        if any(_is_same(suppression, closed) for suppression in bound.get(person_id, ())):
            return
        await suppressions.record_suppressions(connection, [closed], origin="unsubscribe", now=now)
        news = [closed_addresses(closed, person_id=person_id, origin="unsubscribe", now=now)]
        await outbox.append(connection, news, source=announce.SOURCE)
        await people_changed(connection, concerned, now=now, wake=False)
    log.info("unsubscribed", people=len(concerned))


def _is_same(old: Suppression, new: Suppression) -> bool:
    same = (old.kind, old.channel, old.address) == (new.kind, new.channel, new.address)
    return same and not old.is_local
