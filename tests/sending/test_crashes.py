"""A replica that dies wherever it may: it counts as one of the fleet, once."""

from foundation.clock import ManualClock, parse_instant
from foundation.database import Database
from outreach.sending.fleet import FleetMember
from tests.support.mortal import Work, ends_everywhere

CLOCK = ManualClock(parse_instant("2026-03-02T15:00Z"))


def member(replica: str, database: Database) -> FleetMember:
    return FleetMember(replica=replica, rates={"twilio": 1000}, database=database, clock=CLOCK)


async def test_a_beat_that_dies_is_made_by_the_next_one(database: Database) -> None:
    async def begin(replica: str) -> Work:
        return lambda mortal: member(replica, mortal).beat()

    fates = await ends_everywhere(
        database, begin=begin, again=lambda replica: member(replica, database).beat()
    )

    *_, fate = fates.values()
    assert fate.places == {"outreach/sending/fleet.py beat"}
    last = member("the last", database)
    await last.beat()
    assert last.paces["twilio"].per_second == 1000 / (len(fates) + 1)
