"""That somebody will read it is said once, and only while it is so; never in a crisis."""

from dataclasses import replace

import pytest

from foundation.clock import parse_instant
from foundation.database import Database
from tests.support.world import World

#: A Monday evening in Chicago, when nobody is at work; the office opens on Tuesday at nine, UTC.
EVENING = "2026-03-02T22:00Z"
TUESDAY = "2026-03-03T20:00Z"


@pytest.fixture
async def world(database: Database) -> World:
    """An agency that says that it has heard, and ada, who may be written to at any hour."""
    world = World(database, now=EVENING)
    world.guidance = replace(world.guidance, playbook=replace(world.guidance.playbook, acknowledges=True))
    await world.person(email=None)
    await world.debt("ada")
    return world


#: Asks for a human, and is in no hurry.
A_QUESTION = "can I pay a bit less each month?"
STANDS = "SELECT string_agg(status, ' ') FROM touches WHERE wording = 'reply_acknowledgement'"


async def test_whoever_writes_five_lines_is_told_once(world: World) -> None:
    for number, line in enumerate([A_QUESTION, "in two parts maybe", "hello?", "who decides that?", "hm"]):
        await world.answers(line, reply_id=f"SM{number}")

    assert await world.asks(STANDS) == "planned"


async def test_a_crisis_silences_what_a_machine_had_meant_to_say(world: World) -> None:
    await world.answers(A_QUESTION, reply_id="SM1")
    await world.answers("I don't want to live any more", reply_id="SM2")

    await world.works_until(TUESDAY)

    assert world.sent == []
    assert await world.asks(STANDS) == "cancelled"


async def test_what_a_human_has_dealt_with_is_not_said_to_be_read_some_day(world: World) -> None:
    await world.answers(A_QUESTION, reply_id="SM1")
    await world.releases("ada")

    await world.works_until(TUESDAY)

    assert await world.asks(STANDS) == "cancelled"


async def test_a_crisis_silences_a_machines_other_answers_too(world: World) -> None:
    await world.answers("HELP", reply_id="SM1")
    await world.answers("I don't want to live any more", reply_id="SM2")

    await world.works_until(TUESDAY)

    assert world.sent == []
    assert await world.asks("SELECT status FROM touches WHERE wording = 'help_reply'") == "cancelled"


async def test_what_was_decided_before_the_office_closed_is_not_called_after_it(world: World) -> None:
    world.clock.move_to(parse_instant("2026-03-02T22:59:58Z"))
    await world.answers(A_QUESTION, reply_id="SM1")
    calls = await world.claims()
    world.clock.move_to(parse_instant("2026-03-02T23:00Z"))

    await world.calls(calls)
    await world.works_until("2026-03-03T14:59Z")
    assert (len(calls), world.sent) == (1, [])

    await world.works_until("2026-03-03T15:01Z")
    assert len(world.sent) == 1


async def test_while_nobody_has_looked_it_is_said_when_the_office_opens(world: World) -> None:
    await world.answers(A_QUESTION, reply_id="SM1")

    await world.works_until(TUESDAY)

    assert len(world.sent) == 1
    assert await world.asks(STANDS) == "accepted"
