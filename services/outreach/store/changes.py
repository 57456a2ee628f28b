"""What must happen whenever something changed that could change a decision about people."""

from collections.abc import Iterable
from datetime import datetime

from foundation.database import Connection
from outreach.store import people as stored_people
from outreach.store import touches


async def people_changed(connection: Connection, people: Iterable[str], *, now: datetime, wake: bool) -> None:
    """Void the decisions about these people that are not carried out, and have what waits decided again.

    The caller holds the locks of these people, in the transaction that made the change. `wake`
    says whether dispatch looks as soon as it commits: yes where the change may permit a touch (a
    fact was learned, a hold lifted, an answer planned); no where it only closes addresses, for
    what may then go to another channel is in no hurry, and dispatch looks by itself soon enough.
    """
    changed = sorted(set(people))
    await stored_people.raise_revisions(connection, changed)
    await touches.reconsider_touches(connection, changed, now=now)
    if wake:
        await touches.wake_dispatch(connection)


async def contacts_released(connection: Connection, people: Iterable[str], *, now: datetime) -> None:
    """Have decided again what gave way to a contact that was not made after all.

    What is known of these people is as it was, so decisions about them stand. Dispatch is not
    woken: it looks by itself soon enough.
    """
    await touches.reconsider_touches(connection, sorted(set(people)), now=now)
