"""Two ids of one person: caps count together, and a stop under one binds the other at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from foundation.database import Database
from outreach.desk.ask import may_contact
from outreach.desk.stories import tell_subject
from outreach.model.words import Channel, Purpose, Role
from outreach.sending.dispatching import Dispatching
from outreach.sending.obstacles import ObstacleLimits
from tests.scenarios.test_races import MORNING, Unhurried, beside, waits_for_a_lock
from tests.support.eventually import eventually
from tests.support.world import World

#: Why a touch waits whose person was contacted.
CAPS = ("frequency_cap", "spacing")
PHONES = {"ada": "+13125550142", "ada-2": "+13125550177"}


@pytest.fixture
async def second_pool(database_url: str) -> AsyncIterator[Database]:
    """Another process's connections to the same database."""
    async with Database.open(database_url, size=4, name="second") as opened:
        yield opened


async def joined(world: World, *, both_told: bool = False) -> None:
    """Make one person known under two ids, each with a number of its own and a text due."""
    for person, phone in PHONES.items():
        await world.person(person, phone=phone, email=None, same_as=["ada-2"] if person == "ada" else [])
        await world.has_a_text_due(person, f"d-{person}")
    if both_told:
        await world.person("ada-2", phone=PHONES["ada-2"], email=None, same_as=["ada"])


@pytest.mark.parametrize("both_told", [False, True])
async def test_caps_count_together_over_all_ids(database: Database, both_told: bool) -> None:
    world = World(database, now=MORNING)
    await joined(world, both_told=both_told)

    await world.works()

    assert len(world.sms.sent) == 1
    assert (
        await world.asks("SELECT reason FROM touches WHERE play = 'thank_you' AND status = 'planned'") in CAPS
    )


async def test_caps_count_together_for_two_workers_who_claim_one_id_each(
    database: Database, second_pool: Database
) -> None:
    world = World(database, now=MORNING, dispatching=Dispatching(batch=1, spread=timedelta(0)))
    other = beside(world, second_pool)
    await joined(world)
    world.database = unhurried = Unhurried(database)

    first = asyncio.create_task(world.claims())
    await unhurried.stands.wait()
    second = asyncio.create_task(other.claims())
    await eventually(lambda: waits_for_a_lock(world, "second"), what="the second worker waits for the first")
    unhurried.goes_on.set()

    assert len(await first) == 1
    assert await second == []


async def test_a_stop_under_one_id_beats_a_call_under_the_other_that_is_not_made_yet(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    await joined(world)
    (call,) = await world.claims()
    other = ({*PHONES} - {call.person_id}).pop()

    await world.answers("STOP", phone=PHONES[other])
    await world.calls([call])
    await world.works()

    assert PHONES[call.person_id] not in [message.to for message in world.sms.sent]


async def test_who_is_separated_counts_alone(database: Database) -> None:
    world = World(database, now=MORNING)
    await joined(world, both_told=True)
    for person, phone in PHONES.items():
        await world.person(person, phone=phone, email=None, same_as=[])

    await world.works()

    assert len(world.sms.sent) == 2


async def test_whoever_asks_is_told_that_two_ids_are_one_person(database: Database) -> None:
    world = World(database, now=MORNING)
    await joined(world)
    await world.works()

    told = await tell_subject("ada-2", database=database, limits=ObstacleLimits(), now=world.clock.now())
    answer = await may_contact(
        database,
        person_id="ada-2",
        debt_id=None,
        channel=Channel.SMS,
        purpose=Purpose.CHECK_IN,
        role=Role.THIRD_PARTY,
        policy=world.guidance.policy,
        at=world.clock.now() + timedelta(minutes=1),
    )

    assert told.other_ids == ("ada",)
    assert any(reason in CAPS for line in answer.answers for reason in line.reasons)
