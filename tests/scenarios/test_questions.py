"""What contradicts the rest is taken, and asked about once: by an event, and in `outreach questions`."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from foundation.database import Database
from outreach.desk.questions import list_questions
from outreach.model.debt import Debt
from outreach.store import debts
from tests.support.world import World, usd

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"


async def asked(world: World) -> list[dict[str, Any]]:
    """Return what was published of each question."""
    rows = await world.rows(
        "SELECT data::text FROM outbox WHERE topic = 'outreach.quarantine.v1' ORDER BY position"
    )
    return [msgspec.json.decode(row["data"]) for row in rows]


async def standing(world: World) -> list[tuple[str, str, str]]:
    return [
        (one.question.kind, one.question.debt_id, one.question.about)
        for one in await list_questions(world.database)
    ]


def paid(world: World, debt_id: str, to: str = "ada") -> dict[str, Any]:
    money: dict[str, Any] = {"payment_id": "pay1", "amount": usd("40.00"), "balance": usd("200.00")}
    return world.happens("payment.received", to=to, debt_id=debt_id, **money)


async def test_a_debt_of_a_creditor_whom_nobody_knows_is_asked_about_once(database: Database) -> None:
    world = World(database, now=MORNING)
    placed = world.places(await world.person(), "d1", creditor="who")
    await world.hears(placed)
    await world.hears(placed, world.places("ada", "d2", creditor="who"))
    await world.hears(world.places(await world.person("bob", phone=None, email=None), "d3", creditor="who"))

    [question] = await asked(world)
    assert question["question"] == "unknown_creditor"
    assert (question["about"], question["debt_id"]) == ("who", "d1")
    assert question["event_id"] == placed["id"]
    assert question["event_source"] == placed["source"]
    assert await standing(world) == [("unknown_creditor", "d1", "who")]


async def test_it_is_answered_when_the_playbook_knows_the_creditor(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.hears(world.places(await world.person(), "d1", creditor="who"))

    await world.asks_publishers(creditors={"northwind"})
    assert len(await standing(world)) == 1
    await world.asks_publishers(creditors={"northwind", "who"})

    assert await standing(world) == []
    assert len(await asked(world)) == 1


async def test_a_payment_is_waited_for_with_its_debt_and_asked_about_after_an_hour(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    await world.person()
    await world.hears(paid(world, "d1"), paid(world, "d2"))
    world.clock.advance(timedelta(minutes=30))
    await world.hears(world.places("ada", "d1"))

    await world.asks_publishers()
    assert (await standing(world), await asked(world)) == ([], [])
    world.clock.advance(timedelta(minutes=31))
    await world.asks_publishers()
    await world.asks_publishers()

    assert await standing(world) == [("unplaced_debt", "d2", "payment:pay1")]
    assert len(await asked(world)) == 1

    await world.hears(world.places("ada", "d2"))
    assert await standing(world) == []


async def test_an_instalment_in_another_currency_is_asked_about_and_nobody_is_asked_for_it(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    await world.debt(await world.person())
    parts = [{"number": 1, "due_on": "2026-03-20", "amount": {"amount": "80.00", "currency": "EUR"}}]
    await world.hears(world.happens("plan.agreed", to="ada", debt_id="d1", plan_id="p1", instalments=parts))
    await world.works_until("2026-04-01T15:00Z")

    assert [question["question"] for question in await asked(world)] == ["other_currency"]
    rows = await world.rows(
        "SELECT play FROM touches WHERE play IN ('instalment_reminder', 'missed_instalment')"
    )
    assert rows == []

    in_dollars = [{"number": 1, "due_on": "2026-04-20", "amount": usd("80.00")}]
    await world.hears(
        world.happens("plan.changed", to="ada", debt_id="d1", plan_id="p1", instalments=in_dollars)
    )
    assert await standing(world) == []


async def test_what_is_asked_of_one_debt_leaves_the_question_about_another(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person()
    for debt_id in ("d1", "d2"):
        await world.debt("ada", debt_id)
        past = [{"number": 1, "due_on": "2025-03-20", "amount": usd("80.00")}]
        await world.hears(
            world.happens("plan.agreed", to="ada", debt_id=debt_id, plan_id="p1", instalments=past)
        )

    await world.hears(world.happens("plan.cancelled", to="ada", debt_id="d1", plan_id="p1"))

    assert await standing(world) == [("plan_in_the_past", "d2", "plan:p1")]
    assert len(await asked(world)) == 2


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_debt_that_more_people_owe_than_any_is_each_ones_own(
    database: Database, at_once: bool
) -> None:
    """A publisher counts each person's debts from one: nobody hears of what another owes or pays."""
    world = World(database, now=MORNING)
    owing = [await world.person(f"p{number:02}", phone=None, email=None) for number in range(22)]
    placed = [world.places(person, "1", balance=f"{number + 1}.00") for number, person in enumerate(owing)]
    for batch in [placed] if at_once else [[one] for one in placed]:
        await world.hears(*batch)
    await world.hears(paid(world, "1", to="p21"))

    later = await read_debts(world, "p20", "p21")
    assert [debt.balance.value.amount for debt in later if debt.balance and debt.balance.value] == [21, 200]
    assert [len(debt.payments) for debt in later] == [0, 1]
    assert [(one["question"], one["debt_id"]) for one in await asked(world)] == [("owed_by_many", "1")]
    assert await standing(world) == [("owed_by_many", "1", "1")]


async def test_a_debt_that_twenty_people_owe_is_one(database: Database) -> None:
    world = World(database, now=MORNING)
    owing = [await world.person(f"p{number:02}", phone=None, email=None) for number in range(20)]
    for person in owing:
        await world.hears(world.places(person, "1", balance="240.00"))
    await world.hears(paid(world, "1", to="p19"))

    assert all(list(debt.payments) == ["pay1"] for debt in await read_debts(world, *owing))
    assert await asked(world) == []


async def read_debts(world: World, *people: str) -> list[Debt]:
    async with world.database.transaction() as connection:
        return await debts.read_debts(connection, list(people))
