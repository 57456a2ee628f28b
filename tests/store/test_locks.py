"""Everybody locks people in one order: whatever writes at once waits in a line, never in a circle."""

import asyncio
from random import Random

import pytest
from msgspec.structs import replace

from foundation.database import Database
from outreach.model.debt import Payment, PaymentState, Stamped
from outreach.model.outcome import Accepted, Refused
from outreach.store import debts, people
from tests.support.eventually import eventually
from tests.support.world import World, usd

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"


@pytest.mark.parametrize("seed", range(3))
async def test_all_writers_at_once_end_without_a_deadlock(database: Database, seed: int) -> None:
    """Thirty ids of whom three share each number and some are one person: all that is done, at once."""
    random = Random(seed)
    world = World(database, now=MORNING)
    persons = [f"p{number:02}" for number in range(30)]
    for number, person in enumerate(persons):
        same_as = [persons[-number]] if 0 < number < 8 else []
        await world.person(person, phone=phone_of(number), email=f"{person}@example.com", same_as=same_as)
    placed = [event for each in persons for event in world.thanks(each)]
    await world.hears(*placed)
    calls = await world.claims()
    await world.calls(calls[:8])

    def batch() -> list[dict[str, object]]:
        some = random.sample(persons, k=12)
        return [world.happens("debt.closed", to=each, debt_id="d1", reason="recalled") for each in some]

    receipts = [world.receipt(each, "undelivered", code="21610", opted_out=True) for each in calls[:8]]
    random.shuffle(receipts)
    await asyncio.gather(
        *(world.hears(*batch()) for _ in range(4)),
        *(world.answers("STOP", phone=phone_of(number)) for number in range(4)),
        *(world.unsubscribes(each, f"{each}@example.com") for each in persons[:4]),
        world.hears_receipts(*receipts[:4]),
        world.hears_receipts(*receipts[4:]),
        world.works(),
        world.replans(),
    )

    assert await world.asks("SELECT count(*) FROM suppressions") > 0


async def test_what_is_heard_of_somebody_waits_until_others_are_done_with_them(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.debt(await world.person())

    async with database.transaction() as connection:
        await people.lock_people(connection, ["ada"])
        hearing = asyncio.create_task(
            world.hears(
                world.happens("payment.received", to="ada", debt_id="d1", payment_id="p2", amount=usd("5.00"))
            )
        )
        await eventually(
            lambda: world.asks("SELECT count(*) FROM pg_locks WHERE NOT granted"), what="somebody waits"
        )
        (debt,) = await debts.read_debts(connection, ["ada"])
        paid = Stamped(Payment(PaymentState.RECEIVED), world.clock.now(), "agency e0")
        await debts.keep_debts(connection, [replace(debt, payments={"p1": paid})])
    await hearing

    (facts,) = await world.rows("SELECT facts FROM debts")
    assert sorted(facts["facts"]["payments"]) == ["p1", "p2"]


async def test_a_vendor_that_gives_two_messages_one_id_leaves_neither_unsettled(database: Database) -> None:
    world = World(database, now=MORNING)
    for number in (1, 4):
        person = await world.person(f"p{number:02}", phone=phone_of(number))
        await world.has_a_text_due(person)
    world.sms.answers = [Accepted("SM1"), Accepted("SM1")]

    await world.works()

    assert await world.asks("SELECT count(*) FROM touches WHERE status = 'accepted'") == 2


async def test_a_number_that_the_vendor_calls_dead_is_dead_for_everybody_who_has_it(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    for person in ("ada", "bob"):
        await world.person(person, email=None)
    await world.has_a_text_due("ada")
    world.sms.answers = [Refused("21211", unreachable=True)]
    await world.works()

    await world.has_a_text_due("bob")
    await world.works_until("2026-03-02T17:00Z")

    assert len(world.sms.sent) == 1
    assert [await world.status("ada"), await world.status("bob")] == ["refused", "waiting"]


def phone_of(number: int) -> str:
    """Return a number that three people share."""
    return f"+13125550{100 + number // 3}"
