"""The main job, told as stories."""

from foundation.database import Database
from tests.support.world import World, texts, usd


async def test_a_person_is_introduced_reminded_thanked_and_then_left_alone(database: Database) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    ada = await world.person()
    await world.debt(ada, balance="80.00")

    await world.works_until("2026-03-02T17:00Z")
    assert len(world.email.sent) == 1
    assert "Northwind Energy" in texts(world.email.sent)[0]

    await world.hears(
        world.happens(
            "plan.agreed",
            to=ada,
            debt_id="d1",
            plan_id="p1",
            instalments=[{"number": 1, "due_on": "2026-03-20", "amount": usd("80.00")}],
        )
    )
    await world.works_until("2026-03-18T23:00Z")
    assert len(world.sms.sent) == 1
    assert "$80.00" in texts(world.sms.sent)[0]

    await world.hears(
        world.happens(
            "payment.received",
            to=ada,
            debt_id="d1",
            payment_id="pay1",
            amount=usd("80.00"),
            balance=usd("0.00"),
        )
    )
    await world.works_until("2026-04-30T23:00Z")

    assert [status for status in (await world.touches()).values() if status == "planned"] == []
    assert len(world.sms.sent) == 2
