"""What was to be said is looked at again before it goes: a human or the person may have spoken since."""

from dataclasses import replace

import pytest

from foundation.clock import parse_instant
from foundation.database import Database
from outreach.desk.answering import answer_person
from outreach.desk.stories import tell_subject
from outreach.sending.obstacles import ObstacleLimits
from tests.support.driver import guidance_of
from tests.support.staff import STAFF
from tests.support.world import World, texts

#: Half past nine on a Friday evening in Chicago; the office opens on Monday at nine.
FRIDAY_NIGHT = "2026-03-07T03:30Z"
SATURDAY = "2026-03-07T15:30Z"
MONDAY = "2026-03-09T20:00Z"
A_QUESTION = "can you send me a plan"


@pytest.fixture
async def world(database: Database) -> World:
    """An agency that says that it has heard, and ada, who has just asked something."""
    guidance = guidance_of()
    world = World(database, now=FRIDAY_NIGHT)
    world.guidance = replace(guidance, playbook=replace(guidance.playbook, acknowledges=True))
    await world.person(email=None)
    await world.debt("ada")
    await world.answers(A_QUESTION)
    return world


async def answers(world: World, text: str | None = "Yes. Which day suits you?") -> None:
    await answer_person(
        "ada",
        text=text,
        wording=None if text is not None else "reply_acknowledgement",
        actor=STAFF,
        guidance=world.guidance,
        database=world.database,
        clock=world.clock,
    )


async def on_saturday(world: World) -> None:
    world.clock.move_to(parse_instant(SATURDAY))


@pytest.mark.parametrize("text", ["Yes. Which day suits you?", None], ids=["own words", "the same wording"])
async def test_whom_a_human_has_answered_no_machine_tells_that_one_will(
    world: World, text: str | None
) -> None:
    await on_saturday(world)
    await answers(world, text)

    await world.works_until(MONDAY)

    assert len(texts(world.sms.sent)) == 1


async def test_nor_where_they_wrote_again_before_or_after_it(world: World) -> None:
    await world.answers("maybe 20 a month?")
    await on_saturday(world)
    await answers(world)
    await world.works()
    await world.answers("the first would be good")

    await world.works_until(MONDAY)

    assert len(texts(world.sms.sent)) == 1


async def test_who_was_released_and_writes_again_waits_anew_and_is_told_once(world: World) -> None:
    await world.releases("ada")
    await on_saturday(world)
    await world.answers("hello? can I pay half")

    await world.works_until(MONDAY)

    assert len(texts(world.sms.sent)) == 1
    stands = "SELECT string_agg(status, ' ' ORDER BY planned_for, status) FROM touches WHERE play = 'answer'"
    assert await world.asks(stands) == "accepted cancelled"


@pytest.fixture
async def answered_at_night(world: World) -> World:
    """A human answered ada on Sunday at half past nine in the evening, so it waits for the morning."""
    world.clock.move_to(parse_instant("2026-03-09T02:30Z"))
    await answers(world, "Would 20 dollars a month suit you?")
    await world.works()
    assert world.sent == []
    return world


async def test_a_humans_answer_that_waits_for_the_morning_goes_then(answered_at_night: World) -> None:
    await answered_at_night.answers("or 25")

    await answered_at_night.works_until(MONDAY)

    (text,) = texts(answered_at_night.sms.sent)
    assert "20 dollars" in text


async def test_a_humans_answer_does_not_go_to_somebody_who_wrote_of_a_crisis_since(
    answered_at_night: World,
) -> None:
    world = answered_at_night
    await world.answers("I don't want to live any more")

    await world.works_until(MONDAY)

    assert world.sent == []
    told = await tell_subject("ada", database=world.database, limits=ObstacleLimits(), now=world.clock.now())
    assert ("cancelled", "crisis_since") in [
        (story.touch.status, story.touch.reason) for story in told.stories
    ]


async def test_what_a_human_says_of_the_crisis_itself_goes_and_what_they_said_before_does_not(
    answered_at_night: World,
) -> None:
    world = answered_at_night
    await world.answers("I don't want to live any more")
    world.clock.move_to(parse_instant("2026-03-09T02:40Z"))
    await answers(world, "Please call 988 now, any time. We are here from nine.")

    await world.works_until(MONDAY)

    (text,) = texts(world.sms.sent)
    assert "call 988" in text
