"""No more messages begin within an hour than staff let begin, however many workers send."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from foundation.database import Database
from outreach.desk.stories import tell_subject
from outreach.sending.dispatching import Dispatching
from outreach.sending.obstacles import ObstacleLimits
from tests.support.world import SAMPLE, World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
PLAYBOOK = (SAMPLE / "playbook.yaml").read_text()


def capped(*, creditor: int | None = None, play: int | None = None) -> dict[str, str]:
    """Return the sample playbook with so many messages an hour for Northwind, or of thanks."""
    text = PLAYBOOK.replace(
        "  thank_you:\n    on: payment.received\n",
        '  thank_you:\n    on: payment.received\n    after: "0min"\n',
    )
    if creditor is not None:
        name = "name: Northwind Energy\n"
        text = text.replace(name, f"{name}    messages_an_hour: {creditor}\n")
    if play is not None:
        text = text.replace("  thank_you:\n", f"  thank_you:\n    messages_an_hour: {play}\n")
    return {"playbook.yaml": text}


@pytest.fixture
async def second_pool(database_url: str) -> AsyncIterator[Database]:
    """Another process's connections to the same database."""
    async with Database.open(database_url, size=4, name="second") as opened:
        yield opened


async def crowd(world: World, size: int, **data: str) -> None:
    """Have so many people who are thanked now."""
    for number in range(size):
        await world.person(f"p{number:02}", phone=f"+13125550{100 + number}", email=None)
        await world.has_a_text_due(f"p{number:02}", **data)


async def begun_at(world: World) -> list[datetime]:
    """Return when each call was made."""
    return sorted(row["called_at"] for row in await world.rows("SELECT called_at FROM attempts"))


@pytest.mark.parametrize("cap", [{"creditor": 3}, {"play": 3}, {"creditor": 3, "play": 5}], ids=str)
async def test_what_finds_no_room_within_the_hour_goes_in_the_next(
    database: Database, cap: dict[str, int]
) -> None:
    world = World(database, now=MORNING, files=capped(**cap))
    await crowd(world, 7)

    await world.works()
    assert len(world.sms.sent) == 3

    await world.works_until("2026-03-02T16:00Z")
    assert len(world.sms.sent) == 3

    await world.works_until("2026-03-02T20:00Z")
    assert len(world.sms.sent) == 7
    assert len({message.to for message in world.sms.sent}) == 7


async def test_the_cap_holds_over_workers_who_claim_at_once(
    database: Database, second_pool: Database
) -> None:
    few_at_once = Dispatching(spread=timedelta(0), batch=3)
    world = World(database, now=MORNING, files=capped(creditor=5), dispatching=few_at_once)
    other = World(second_pool, now=MORNING, files=capped(creditor=5), dispatching=few_at_once)
    other.clock = world.clock
    await crowd(world, 20)

    await asyncio.gather(*(each.works() for each in (world, other) * 3))

    assert len(world.sms.sent) + len(other.sms.sent) == 5
    assert await world.asks("SELECT sum(messages) FROM flows") == 5


async def test_within_no_hour_more_begin_than_may(database: Database) -> None:
    world = World(database, now=MORNING, files=capped(creditor=4))
    await crowd(world, 20)

    await world.works_until("2026-03-02T19:30Z")

    begun = await begun_at(world)
    for first, fifth in zip(begun, begun[4:], strict=False):
        assert fifth - first >= timedelta(hours=1)
    assert len(world.sms.sent) > 8


async def test_another_creditor_is_not_held_back(database: Database) -> None:
    world = World(database, now=MORNING, files=capped(creditor=1))
    await crowd(world, 2)
    await world.person("zoe", phone="+13125550199", email=None)
    await world.has_a_text_due("zoe", creditor="lakeside")

    await world.works()

    assert sorted(message.to for message in world.sms.sent) in (
        ["+13125550100", "+13125550199"],
        ["+13125550101", "+13125550199"],
    )


async def test_whoever_asks_to_stop_hears_that_it_was_heard(database: Database) -> None:
    world = World(database, now=MORNING, files=capped(creditor=1))
    await crowd(world, 1)
    await world.works()

    await world.answers("STOP", phone="+13125550100")
    await world.works()

    assert len(world.sms.sent) == 2


async def test_what_waits_too_long_lapses(database: Database) -> None:
    world = World(database, now=MORNING, files=capped(creditor=1))
    await crowd(world, 12)

    await world.works_until("2026-03-09T15:00Z")

    assert (
        await world.asks("SELECT count(*) FROM touches WHERE status = 'planned' AND play = 'thank_you'") == 0
    )


async def test_explain_says_which_cap_and_how_full_its_hour_is(database: Database) -> None:
    world = World(database, now=MORNING, files=capped(creditor=1))
    await world.puts_in_force(world.guidance)
    await crowd(world, 2)
    await world.works()
    held = await world.asks("SELECT person_id FROM touches WHERE reason = 'hourly_cap'")

    told = await tell_subject(held, database=database, limits=ObstacleLimits(), now=world.clock.now())

    (full,) = told.full
    assert full.startswith("creditor northwind: 1 of 1 messages an hour began in the last one")
    assert told.stories[0].touch.until is not None


async def test_without_a_cap_nothing_is_counted(database: Database) -> None:
    world = World(database, now=MORNING)
    await crowd(world, 3)

    await world.works()

    assert len(world.sms.sent) == 3
    assert await world.asks("SELECT count(*) FROM flows") == 0
