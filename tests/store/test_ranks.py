"""A touch moves on by rank alone, whoever asks."""

from itertools import product

from foundation.database import Database
from outreach.model.touch import TouchStatus
from outreach.store import touches
from tests.support.world import World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"

RANKS = ["sending", "unknown", "accepted", "undelivered", "delivered"]
FINAL = ["refused", "suppressed", "cancelled", "expired"]


async def test_a_touch_never_moves_down_nor_out_of_what_is_final(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person()
    await world.has_a_text_due()
    (call,) = await world.claims()

    for before, after in product([*RANKS, *FINAL], RANKS[1:]):
        await world.runs("UPDATE touches SET status = $1, reason = 'x' WHERE attempt_id IS NOT NULL", before)
        async with database.transaction() as connection:
            moved = await touches.advance_touches(
                connection, {call.attempt_id: (TouchStatus(after), None)}, now=world.clock.now()
            )

        rises = before in RANKS and RANKS.index(after) > RANKS.index(before)
        assert [each.status for each in moved] == ([after] if rises else []), f"{before} to {after}"
        assert await world.status() == (after if rises else before)
