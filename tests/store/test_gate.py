"""The gate's own conditions, one by one, beside those that the races show."""

from foundation.database import Database
from tests.support.world import World


async def test_a_stop_at_the_address_shuts_the_gate_even_for_somebody_it_did_not_find(
    database: Database,
) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    await world.person(email=None)
    await world.has_a_text_due()
    (call,) = await world.claims()

    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO suppressions (suppression_id, address, channel, kind, origin, at)"
            " VALUES ('SM1', '+13125550142', 'sms', 'opted_out', 'reply', '2026-03-02T15:00:01Z')"
        )
    await world.calls([call])

    assert world.sent == []


async def test_a_pause_that_begins_after_the_decision_shuts_the_gate(database: Database) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    await world.person(email=None)
    await world.has_a_text_due()
    (call,) = await world.claims()

    await world.pauses(channel="sms")
    await world.calls([call])

    assert world.sent == []
