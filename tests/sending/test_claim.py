"""One claim, several touches of one person."""

from foundation.database import Database
from tests.support.world import World


async def test_of_two_touches_due_at_once_one_goes_out_and_the_other_sees_it(database: Database) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    await world.person()
    await world.hears(*world.thanks("ada", "d1"), *world.thanks("ada", "d2", creditor="meridian"))

    await world.works()

    # One message a day (house.day), over all debts.
    assert len(world.sent) == 1
    assert await world.asks("SELECT count(*) FROM touches WHERE reason = 'frequency_cap'") == 1
