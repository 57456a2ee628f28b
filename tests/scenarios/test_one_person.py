"""What is said of one person, however much it is, holds up nobody else and is not kept over and over."""

from datetime import timedelta
from typing import Any

from foundation.database import Database
from outreach.store.touches import AT_ONCE
from tests.support.world import World, usd

MORNING = "2026-03-02T15:00Z"
#: At night in Chicago.
NIGHT = "2026-03-02T04:00Z"
DECISIONS = "SELECT count(*) FROM decisions WHERE person_id = 'ada'"


async def owes_much(database: Database, debts: int, *, now: str = MORNING) -> World:
    """A world in which Ada has paid something of each of many debts, and thanks are due for all of it."""
    world = World(database, now=now)
    await world.person(email=None)
    thanks = [event for number in range(debts) for event in world.thanks("ada", f"d{number}")]
    await world.hears(*thanks)
    return world


def updates(world: World, balance: str) -> dict[str, Any]:
    return world.happens("debt.updated", to="ada", debt_id="d1", balance=usd(balance))


async def test_an_answer_that_stays_the_same_is_kept_once(database: Database) -> None:
    world = World(database, now=NIGHT)
    await world.person(email=None)
    await world.has_a_text_due()
    await world.works()
    assert await world.asks(DECISIONS) == 1

    for minute in range(5):
        world.clock.advance(timedelta(minutes=1))
        await world.hears(updates(world, f"{200 + minute}.00"))
        await world.works()

    assert await world.asks(DECISIONS) == 1
    assert world.sent == []


async def test_another_answer_is_kept_and_so_is_whatever_goes_out(database: Database) -> None:
    world = World(database, now=NIGHT)
    await world.person(email=None)
    await world.has_a_text_due()
    await world.works()

    await world.works_until(MORNING)

    kept = "SELECT decision FROM decisions JOIN touches USING (touch_id) WHERE play = 'thank_you'"
    decided = [row["decision"] for row in await world.rows(f"{kept} ORDER BY decision_id")]
    assert decided == ["defer", "send"]
    assert len(world.sent) == 1


async def test_of_one_person_a_hundred_are_decided_at_once_and_others_are_claimed_beside(
    database: Database,
) -> None:
    world = await owes_much(database, AT_ONCE + 30)
    await world.person("bob", phone="+13125550143", email=None)
    await world.has_a_text_due("bob", "b1")

    calls = await world.claims()

    assert {call.person_id for call in calls} == {"ada", "bob"}
    assert await world.asks(DECISIONS) <= AT_ONCE
    due = "SELECT count(*) FROM touches WHERE person_id = 'ada' AND status = 'planned' AND due_at <= $1"
    assert await world.asks(due, world.clock.now()) == 0
    world.clock.advance(timedelta(seconds=5))
    await world.claims()
    undecided = (
        "SELECT count(*) FROM touches WHERE play = 'thank_you' AND status = 'planned' AND reason IS NULL"
    )
    assert await world.asks(undecided) == 0


async def test_the_most_important_of_many_is_decided_first(database: Database) -> None:
    world = await owes_much(database, AT_ONCE + 30)
    late = "UPDATE touches SET priority = 0, due_at = due_at + interval '1 second' WHERE debt_id = 'd129'"
    await world.asks(late)
    world.clock.advance(timedelta(seconds=2))

    (call,) = await world.claims()

    sent = await world.asks("SELECT debt_id FROM touches JOIN attempts USING (touch_id)")
    assert sent == "d129", call


async def test_a_fact_has_what_waits_decided_again_in_waves(database: Database) -> None:
    world = await owes_much(database, AT_ONCE + 30, now=NIGHT)
    await world.works()
    world.clock.advance(timedelta(seconds=5))
    await world.works()
    due = "SELECT count(*) FROM touches WHERE status = 'planned' AND due_at <= $1"
    assert await world.asks(due, world.clock.now()) == 0

    await world.hears(updates(world, "100.00"))

    assert await world.asks(due, world.clock.now()) == AT_ONCE
    assert await world.asks(due, world.clock.now() + timedelta(seconds=5)) == AT_ONCE + 30
