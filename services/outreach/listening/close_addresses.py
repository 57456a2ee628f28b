"""Closing addresses on a vendor's word: for whoever has them, at once, and told to others."""

from collections.abc import Sequence
from datetime import datetime

from foundation.database import Connection
from foundation.outbox import OutgoingEvent
from outreach.announcing.suppressions import closed as closed_events
from outreach.announcing.suppressions import closed_addresses
from outreach.model.suppression import Suppression
from outreach.store import people, suppressions
from outreach.store.changes import people_changed
from outreach.store.digests import digest_nobodys


async def close_addresses(
    connection: Connection, closed: Sequence[Suppression], *, now: datetime
) -> list[OutgoingEvent]:
    """Record what a vendor's word closes, void decisions about everybody concerned; return what others hear.

    What closes an address alone is announced for each who has it. The caller has locked everybody
    at these addresses, and publishes what is returned.
    """
    new = await suppressions.record_suppressions(connection, closed, origin="provider", now=now)
    fresh = [suppression for suppression in closed if suppression.suppression_id in new]
    at_address = await people.list_people_by_address(
        connection, {suppression.address for suppression in fresh if suppression.address}
    )
    concerned = {
        suppression.suppression_id: [suppression.person_id]
        if suppression.person_id
        else at_address.get(suppression.address or "", [])
        for suppression in fresh
    }
    everybody = {person for people_there in at_address.values() for person in people_there}
    everybody |= {suppression.person_id for suppression in fresh if suppression.person_id}
    await people_changed(connection, everybody, now=now, wake=False)
    nobodys = [suppression for suppression in fresh if not concerned[suppression.suppression_id]]
    digests = await digest_nobodys(connection, nobodys)
    return [
        closed_addresses(suppression, person_id=person, origin="provider", now=now)
        for suppression in fresh
        for person in concerned[suppression.suppression_id]
    ] + closed_events(nobodys, digests=digests, origin="provider", now=now)
