"""The audit works out anew what each message said: amounts and days that are not so are found."""

from datetime import timedelta
from typing import Any

import pytest

from foundation.clock import parse_instant
from foundation.database import Database
from outreach.audit.audit import audit
from outreach.audit.saying import Said, SaidTouch, untrue
from outreach.guidance.files.folder import read_folder
from tests.support.world import SAMPLE, World, texts, usd

_BEGINS = parse_instant("2026-03-01T00:00Z")
#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"


async def a_world_with_a_plan(database: Database) -> World:
    """Ada pays 30.00 of the 80.00 due on March 20, is thanked, and reminded of what is left."""
    world = World(database, now=MORNING)
    await world.debt(await world.person())
    parts = [
        {"number": number, "due_on": f"2026-0{2 + number}-20", "amount": usd("80.00")} for number in (1, 2, 3)
    ]
    await world.hears(world.happens("plan.agreed", to="ada", debt_id="d1", plan_id="p1", instalments=parts))
    world.clock.advance(timedelta(days=8))
    money: dict[str, Any] = {"payment_id": "pay1", "amount": usd("30.00"), "balance": usd("210.00")}
    await world.hears(world.happens("payment.received", to="ada", debt_id="d1", **money))
    await world.works_until("2026-03-28T15:00Z")
    async with database.transaction() as connection:
        await connection.execute("UPDATE config_versions SET content = $1", read_folder(SAMPLE))
    return world


async def problems(world: World) -> list[str]:
    findings = await audit(database=world.database, since=_BEGINS)
    return [violation.problem for violation in findings.violations if violation.check == "words"]


async def test_what_the_product_says_is_worked_out_again_and_agrees(database: Database) -> None:
    world = await a_world_with_a_plan(database)

    assert any("$50.00" in text for text in texts(world.sent))
    assert await problems(world) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            """UPDATE touches SET details = jsonb_set(details::jsonb, '{instalment,amount}', '"80.00"')
                WHERE play = 'instalment_reminder' AND status = 'accepted'""",
            "instalment of debt d1: 80.00 USD said, it was 50.00 USD",
        ),
        (
            """UPDATE touches SET details = jsonb_set(details::jsonb, '{payment,on}', '"2026-03-11"')
                WHERE play = 'thank_you'""",
            "payment of debt d1: said to be of 2026-03-11, it was of ['2026-03-10']",
        ),
        (
            """UPDATE touches SET details = jsonb_set(details::jsonb, '{payment,amount}', '"80.00"')
                WHERE play = 'thank_you'""",
            "payment of debt d1: 80.00 USD said, it was 30.00 USD",
        ),
        (
            "UPDATE attempts SET message = replace(message::text, '$50.00', '$51.00')::json",
            "an amount in the text follows from no fact",
        ),
        (
            "UPDATE attempts SET message = replace(message::text, 'March 20', 'March 21')::json",
            "a day in the text follows from no fact",
        ),
    ],
    ids=[
        "more than was left",
        "another day",
        "another payment",
        "an amount in the text",
        "a day in the text",
    ],
)
async def test_what_is_not_so_is_found(database: Database, change: str, problem: str) -> None:
    world = await a_world_with_a_plan(database)

    await world.rows(change)

    assert problem in await problems(world)


async def test_money_that_is_heard_of_afterwards_makes_nothing_untrue(database: Database) -> None:
    world = await a_world_with_a_plan(database)
    late: dict[str, Any] = {"payment_id": "late", "amount": usd("50.00"), "at": "2026-03-12T15:00Z"}

    await world.hears(world.happens("payment.received", to="ada", debt_id="d1", **late))

    assert await problems(world) == []


@pytest.mark.parametrize(
    ("text", "amount", "is_known"),
    [
        ("We received CA$1,234.50 today", ("1234.50", "CAD"), True),
        ("Hemos recibido 1.234,50 € hoy", ("1234.50", "EUR"), True),
        ("We received 1\u202f234,50 € today", ("1234.50", "EUR"), True),
        ("We received ₹1,25,000.00 today", ("125000.00", "INR"), True),
        ("We received ¥8,000 today", ("8000", "JPY"), True),
        ("We received KWD 12.500 today", ("12.5", "KWD"), True),
        ("We received $1,234.50. Call +1 202 555 0100 about EB-4471.", ("1234.50", "USD"), True),
        ("We received $1,234.50. Stop: https://a.example.com/u/WyJ.BAW1MT9", ("1234.50", "USD"), True),
        ("We received $1,234.50 for the account ABC4471", ("1234.50", "USD"), True),
        ("We received USD50 today", ("1234.50", "USD"), False),
        ("See https://a.example.com/u/BAW1: we received $50.00", ("1234.50", "USD"), False),
        ("We received $12.34 today", ("1234.00", "USD"), False),
        ("We received €1.234,00 today", ("123.40", "EUR"), False),
    ],
)
def test_amounts_are_found_however_they_are_written(
    text: str, amount: tuple[str, str], *, is_known: bool
) -> None:
    details = {"payment": {"amount": amount[0], "currency": amount[1]}}
    touch = SaidTouch(debt_id="d1", occasion="pay1", details=details)

    found = list(untrue(Said(text=text, touches=[touch], debts={}, zones=frozenset())))

    assert (found == []) is is_known, found


@pytest.mark.parametrize(
    ("text", "is_known"),
    [
        ("due on Friday, March 20", True),
        ("due on Friday 20 March", True),
        ("para el viernes, 20 de marzo", True),
        ("due on Saturday, March 21", False),
        ("para el 2 de marzo", False),
    ],
)
def test_days_are_found_however_they_are_written(text: str, *, is_known: bool) -> None:
    touch = SaidTouch(debt_id="d1", occasion="o", details={"instalment": {"due_on": "2026-03-20"}})

    found = list(untrue(Said(text=text, touches=[touch], debts={}, zones=frozenset())))

    assert (found == []) is is_known, found
