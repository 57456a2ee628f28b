"""What an event changes of the plan, and what it leaves alone."""

import re
from datetime import timedelta

from foundation.database import Database
from tests.support.world import SAMPLE, World, guidance_of, usd

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"

#: The sample playbook, but nobody is introduced to a debt below a hundred.
PICKY = (
    (SAMPLE / "playbook.yaml")
    .read_text()
    .replace(
        "    wording: introduction\n", '    wording: introduction\n    conditions: {minimum_balance: "100"}\n'
    )
)


#: The sample playbook, and nobody is introduced any more.
WITHOUT_INTRODUCTIONS = re.sub(
    r"^  introduction:\n(?:    .*\n)+", "", (SAMPLE / "playbook.yaml").read_text(), flags=re.MULTILINE
)


async def test_a_play_that_was_taken_out_writes_to_nobody_even_before_everybody_is_planned_anew(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    await world.debt(await world.person())
    world.guidance = guidance_of({"playbook.yaml": WITHOUT_INTRODUCTIONS})

    await world.works_until("2026-03-02T18:00Z")

    assert world.sent == []
    assert (await world.touch("introduction"))["status"] == "cancelled"


async def test_interest_leaves_the_plan_as_it_is_and_the_decision_to_be_made_anew(database: Database) -> None:
    world = World(database, now=MORNING)
    ada = await world.person()
    await world.debt(ada, balance="240.00")
    planned = await world.rows("SELECT * FROM touches ORDER BY touch_id")
    revision = await world.asks("SELECT revision FROM people")

    await world.hears(world.happens("debt.updated", to=ada, debt_id="d1", balance=usd("240.61")))

    assert await world.rows("SELECT * FROM touches ORDER BY touch_id") == planned
    assert await world.asks("SELECT revision FROM people") == revision + 1


async def test_a_balance_that_falls_below_a_plays_minimum_ends_it_and_one_that_rises_begins_it(
    database: Database,
) -> None:
    world = World(database, now=MORNING, files={"playbook.yaml": PICKY})
    ada = await world.person()
    await world.debt(ada, balance="240.00")

    await world.hears(world.happens("debt.updated", to=ada, debt_id="d1", balance=usd("99.99")))
    assert (await world.touch("introduction"))["status"] == "cancelled"

    world.clock.advance(timedelta(minutes=1))
    await world.hears(world.happens("debt.updated", to=ada, debt_id="d1", balance=usd("100.00")))
    assert (await world.touch("introduction"))["status"] == "planned"


async def test_what_happens_to_one_debt_leaves_the_plan_of_another(database: Database) -> None:
    world = World(database, now=MORNING)
    ada = await world.person()
    await world.debt(ada, "d1")
    await world.debt(ada, "d2")
    other = await world.rows("SELECT * FROM touches WHERE debt_id = 'd2' ORDER BY touch_id")
    world.clock.advance(timedelta(minutes=1))

    await world.hears(
        world.happens("payment.received", to=ada, debt_id="d1", payment_id="pay1", amount=usd("20.00"))
    )

    assert await world.rows("SELECT * FROM touches WHERE debt_id = 'd2' ORDER BY touch_id") == other
    assert (
        await world.rows("SELECT status FROM touches WHERE debt_id = 'd1' AND play = 'introduction'")
    ) == [{"status": "cancelled"}]


async def test_whoever_spoke_to_us_is_planned_anew_for_every_debt(database: Database) -> None:
    world = World(database, now=MORNING)
    ada = await world.person()
    await world.debt(ada, "d1")
    await world.debt(ada, "d2")
    world.clock.advance(timedelta(hours=1))

    await world.hears(
        world.happens(
            "contact.recorded",
            to=ada,
            contact_id="c1",
            channel="voice",
            direction="inbound",
            outcome="answered",
            debt_id="d1",
        )
    )

    check_ins = await world.rows(
        "SELECT debt_id, occasion FROM touches WHERE play = 'check_in' AND status = 'planned' ORDER BY 1"
    )
    assert [each["debt_id"] for each in check_ins] == ["d1", "d2"]
    assert all(each["occasion"].startswith(world.clock.now().isoformat()) for each in check_ins)
