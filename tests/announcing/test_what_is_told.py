"""What single steps tell and leave alone, beside the stories that go through all of them."""

import asyncio
from datetime import timedelta
from typing import Any

from foundation.database import Database
from outreach.desk.ask import may_contact
from outreach.model.outcome import Refused
from outreach.model.words import Channel, Purpose, Role
from outreach.sending.dispatching import Dispatching
from tests.support.world import World, texts, usd

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"


async def test_whoever_listens_hears_why_a_message_was_refused(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person()
    await world.has_a_text_due()
    world.sms.answers = [Refused("21211", unreachable=True)]

    await world.works()

    told = await world.asks("SELECT data::jsonb ->> 'code' FROM outbox WHERE type = 'touch.refused.v1'")
    assert told == "21211"


async def test_a_human_who_hands_somebody_back_opens_nothing_that_a_stop_closed(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person()
    await world.answers("STOP")
    await world.answers("please call me")

    assert await world.releases("ada") == 1

    bound = await world.rows("SELECT kind FROM suppressions WHERE lifted_at IS NULL")
    assert [each["kind"] for each in bound] == ["opted_out"]


async def test_a_question_about_an_instant_counts_what_was_known_then(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.debt(await world.person())
    before = world.clock.now()
    world.clock.advance(timedelta(hours=1))
    for number in range(8):
        called: Any = {"channel": "voice", "direction": "outbound", "outcome": "unanswered", "debt_id": "d1"}
        await world.hears(world.happens("contact.recorded", to="ada", contact_id=f"c{number}", **called))
        world.clock.advance(timedelta(minutes=1))

    async def decided(at: object) -> str:
        explanation = await may_contact(
            world.database,
            person_id="ada",
            debt_id="d1",
            channel=Channel.VOICE,
            purpose=Purpose.REMINDER,
            role=Role.THIRD_PARTY,
            policy=world.guidance.policy,
            at=at,  # type: ignore[arg-type]
        )
        assert explanation is not None
        return type(explanation.decision).__name__

    assert [await decided(before), await decided(world.clock.now())] == ["Send", "Defer"]


async def test_the_first_message_about_a_debt_says_more_of_what_it_is_for_than_later_ones(
    database: Database,
) -> None:
    """12 CFR 1006.18(e)."""
    world = World(database, now=MORNING)
    await world.person(email=None)
    await world.has_a_text_due("ada", "d1")
    await world.works()
    world.clock.advance(timedelta(days=7))
    paid_again = world.happens(
        "payment.received", to="ada", debt_id="d1", payment_id="2", amount=usd("1.00"), balance=usd("199.00")
    )
    await world.hears(paid_again)
    await world.works()

    first, later = texts(world.sent)
    assert "information" in first
    assert "information" not in later


async def test_a_dispute_stops_a_debt_until_it_is_resolved(database: Database) -> None:
    for number, resolved in enumerate((False, True)):
        world = World(database, now=MORNING)
        world.begins_events_at(100 * number)
        person = await world.person(f"p{number}", phone=f"+1312555014{number}", email=None)
        await world.debt(person)
        await world.hears(world.happens("debt.disputed", to=person, debt_id="d1", dispute_id="x"))
        if resolved:
            await world.hears(world.happens("debt.dispute_resolved", to=person, debt_id="d1", dispute_id="x"))

        await world.works_until("2026-03-03T20:00Z")

        assert (await world.called("introduction", person) > 0) == resolved


async def test_a_call_that_ran_out_of_time_may_have_gone_out(database: Database) -> None:
    world = World(database, now=MORNING, dispatching=Dispatching(longest_call=timedelta(0)))
    await world.person()
    await world.has_a_text_due()
    world.sms.hangs = asyncio.Event()

    await world.works()

    assert await world.status() == "unknown"
    await world.works_until("2026-03-02T20:00Z")
    assert len(world.sent) == 1
