"""What became of an erasure here: what was held, what is held still, and what forbids that it goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from foundation.clock import Clock
from foundation.database import Connection, Database
from outreach.planning.erase import list_forbidding
from outreach.store import erasures, people

_MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingErasure:
    """Somebody who is to be erased, when that was said, and what forbids it; nothing is sent to them."""

    person_id: str
    erased_at: datetime
    forbids: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonHeld:
    """How many rows there are of somebody, by what they are, and what forbids that they are erased.

    `erased_at` is when they were erased, and `went` how many rows there were then. `waits_since` is when it
    was said that they are erased, where that waits.
    """

    person_id: str
    held: Mapping[str, int]
    forbids: Sequence[str]
    erased_at: datetime | None = None
    returned_at: datetime | None = None
    went: Mapping[str, int] | None = None
    waits_since: datetime | None = None


async def list_waiting_erasures(database: Database, clock: Clock) -> list[WaitingErasure]:
    """Return the erasures that wait, the oldest first."""
    async with database.reading() as connection:
        waiting = await erasures.list_deferred(connection, limit=_MOST)
        names = [one.person_id for one in waiting]
        forbidden = await list_forbidding(connection, names, now=clock.now())
    return [
        WaitingErasure(
            person_id=one.person_id, erased_at=one.erased_at, forbids=forbidden.get(one.person_id, ())
        )
        for one in waiting
    ]


async def look_at_person(connection: Connection, person_id: str, *, clock: Clock) -> PersonHeld | None:
    """Return what is held of a person, or None where nobody of this id was ever heard of."""
    if not await people.read_people(connection, [person_id]):
        return None
    erasure = (await erasures.find_erased(connection, [person_id])).get(person_id)
    waiting = await erasures.list_deferred(connection, person=person_id, limit=1)
    forbidden = await list_forbidding(connection, [person_id], now=clock.now())
    return PersonHeld(
        person_id=person_id,
        held=(await erasures.count_held(connection, [person_id]))[person_id],
        forbids=forbidden.get(person_id, ()),
        erased_at=None if erasure is None else erasure.erased_at,
        returned_at=None if erasure is None else erasure.returned_at,
        went=await erasures.read_held(connection, person_id),
        waits_since=waiting[0].erased_at if waiting else None,
    )
