"""How fast a vendor is called: evenly, by whatever share is ours now, and heavy messages too."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from foundation.database import Database
from outreach.sending.pace import Pace
from tests.support.logged import strictly_logged
from tests.support.world import World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
TWO_SEGMENTS = (
    "Thank you. {{ agency.name }} received {{ payment.amount }} for {{ creditor.name }}. " + "Dear. " * 20
)


async def test_a_text_of_more_segments_than_go_in_a_second_goes_too(database: Database) -> None:
    """As from a plain long code, which sends one segment a second."""
    world = World(database, now=MORNING, files={"templates/en/payment_thanks.sms.txt": TWO_SEGMENTS})
    await world.person(email=None)
    await world.has_a_text_due()

    await world.dispatch(paces={"twilio": Pace(1)}).send_due()

    (text,) = world.sms.sent
    assert text.segments > 1


async def test_no_more_is_claimed_than_has_its_turn_while_it_is_ours(database: Database) -> None:
    """What waited for longer than its lease would be decided again, wait again, and never go."""
    world = World(database, now=MORNING)
    world.dispatching = replace(
        world.dispatching, lease=timedelta(seconds=30), longest_call=timedelta(seconds=10)
    )
    for number in range(30):
        await world.person(f"p{number}", phone=f"+1312555{100 + number:04}", email=None)
        await world.has_a_text_due(f"p{number}", f"d{number}")

    with strictly_logged() as written:
        await world.dispatch(paces={"twilio": Pace(5)}).send_due()

    claims = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [each["people"] for each in claims if each["event"] == "claimed"] == [25, 5]
    assert len(world.sms.sent) == 30


def test_there_is_room_for_one_at_any_pace() -> None:
    assert [Pace(per_second).room(timedelta(seconds=10)) for per_second in (0.01, 1, 50)] == [1, 10, 500]


async def test_what_waits_takes_room() -> None:
    pace, within = Pace(20), timedelta(seconds=1)
    await pace.take(20)
    first, second = (asyncio.create_task(pace.take(weight)) for weight in (4, 12))
    await asyncio.sleep(0)
    assert pace.room(within) == 0
    await second
    await first
    assert pace.room(within) == 20


@pytest.mark.parametrize("per_second", [0.5, 1, 1.5, 50])
async def test_the_first_one_goes_at_once_at_any_pace(per_second: float) -> None:
    async with asyncio.timeout(60):
        await Pace(per_second).take(1)


async def test_a_pace_that_is_changed_is_kept() -> None:
    """However slow the machine, it takes no less than this."""
    loop = asyncio.get_running_loop()
    pace = Pace(1000)
    pace.change(20)
    await pace.take(20)

    began = loop.time()
    await pace.take(6)

    assert loop.time() - began > 0.2


async def test_whoever_waits_is_let_go_though_the_pace_falls_meanwhile() -> None:
    pace = Pace(40)
    await pace.take(40)
    waiting = asyncio.create_task(pace.take(4))
    await asyncio.sleep(0)
    pace.change(2)

    async with asyncio.timeout(60):
        await waiting
