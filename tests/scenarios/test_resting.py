"""A vendor that fails is left alone by every replica, and comes back through one call."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from foundation.database import Database
from foundation.metrics import Metrics
from outreach.app import METRICS
from outreach.model.outcome import Accepted, NotSent, Unknown
from outreach.sending.dispatching import Dispatching
from outreach.sending.resting import measure_resting
from tests.support.world import World

MORNING = "2026-03-02T15:00Z"
LIMIT = 5
HOW = Dispatching(spread=timedelta(0), breaker_failures=LIMIT)
UNKNOWN = "SELECT count(*) FROM touches WHERE status = 'unknown'"
PLANNED = "SELECT count(*) FROM touches WHERE status = 'planned' AND play = 'thank_you'"


async def people_due(database: Database, count: int) -> World:
    world = World(database, now=MORNING, dispatching=HOW)
    for number in range(count):
        person = await world.person(f"p{number:02}", phone=f"+131255501{number:02}", email=None)
        await world.has_a_text_due(person)
    return world


async def resting(database: Database, count: int) -> World:
    """A world whose vendor has failed to its limit and rests, with so many texts due."""
    world = await people_due(database, count + LIMIT)
    world.sms.answers = [Unknown("503")] * LIMIT
    calls = await world.claims()
    await world.calls(calls)
    world.sms.sent.clear()
    return world


async def test_a_claim_under_way_when_a_vendor_fails_is_not_lost_with_it(database: Database) -> None:
    world = await people_due(database, 40)
    world.sms.answers = [Unknown("503")] * 40
    workers = 2

    await world.dispatch(workers=workers).send_due()

    assert LIMIT <= len(world.sms.sent) < LIMIT + workers
    assert await world.asks(UNKNOWN) == len(world.sms.sent)
    assert await world.asks(PLANNED) == 40 - len(world.sms.sent)


async def test_what_was_claimed_by_another_replica_before_the_rest_is_not_called_in_it(
    database: Database,
) -> None:
    world = await people_due(database, LIMIT + 3)
    calls = await world.claims()
    world.sms.answers = [Unknown("503")] * len(calls)

    # A sender of its own for each: nobody knows of the others but by the database.
    for call in calls:
        await world.calls([call])

    assert len(world.sms.sent) == LIMIT
    assert await world.asks(PLANNED) == 3


async def test_after_a_rest_one_call_of_all_replicas_tries_and_the_others_wait_for_it(
    database: Database,
) -> None:
    world = await resting(database, 6)
    world.clock.advance(HOW.breaker_rest)
    world.sms.hangs, world.sms.called = asyncio.Event(), asyncio.Event()
    trying = asyncio.create_task(world.dispatch().send_due())
    await world.sms.called.wait()

    other = World(database, now=world.clock.now().isoformat(), dispatching=HOW)
    await other.works()
    assert (len(world.sms.sent), len(other.sms.sent)) == (1, 0)

    world.sms.hangs.set()
    await trying
    world.clock.advance(HOW.trial)
    await world.works()
    other.clock.move_to(world.clock.now())
    await other.works()
    assert len(world.sms.sent) + len(other.sms.sent) == 6


async def test_replicas_that_claimed_at_the_same_moment_let_one_call_through(database: Database) -> None:
    world = await people_due(database, LIMIT + 4)
    first = await world.claims()
    world.sms.answers = [Unknown("503")] * LIMIT
    await world.calls(first[:LIMIT])
    world.sms.sent.clear()
    world.clock.advance(HOW.breaker_rest)
    world.sms.hangs = asyncio.Event()

    calling = [asyncio.create_task(world.sender().send(call)) for call in first[LIMIT:]]
    done, _ = await asyncio.wait(calling, return_when=asyncio.FIRST_COMPLETED)
    while len(done) < len(calling) - 1:
        done, _ = await asyncio.wait(calling, timeout=0.05)
    assert len(world.sms.sent) == 1
    world.sms.hangs.set()
    await asyncio.gather(*calling)
    assert len(world.sms.sent) == 1


async def test_a_trial_that_fails_begins_another_rest(database: Database) -> None:
    world = await resting(database, 3)
    world.clock.advance(HOW.breaker_rest)
    world.sms.answers = [NotSent("connection", our_fault=True)]
    await world.works()
    assert len(world.sms.sent) == 1

    world.clock.advance(HOW.breaker_rest - timedelta(seconds=1))
    await world.works()
    assert len(world.sms.sent) == 1

    world.clock.advance(timedelta(seconds=1))
    await world.works()
    assert len(world.sms.sent) == 2


async def test_a_trial_whose_worker_dies_is_followed_by_another(database: Database) -> None:
    world = await resting(database, 2)
    world.clock.advance(HOW.breaker_rest)
    (call,) = await world.claims()
    await world.calls_and_dies(call)
    world.clock.advance(HOW.trial - timedelta(seconds=1))
    await world.works()
    assert len(world.sms.sent) == 1

    world.clock.advance(timedelta(seconds=1))
    await world.works()

    assert len(world.sms.sent) == 2


@pytest.mark.parametrize("answer", [Accepted("late"), Unknown("503")], ids=["a yes", "a failure"])
async def test_a_call_that_was_under_way_when_a_rest_began_neither_ends_nor_prolongs_it(
    database: Database, answer: Accepted | Unknown
) -> None:
    world = await people_due(database, LIMIT + 3)
    calls = await world.claims()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(world.slow_call(calls[0]))
        hanging, world.sms.hangs = world.sms.hangs, None
        world.sms.answers = [Unknown("503")] * LIMIT
        await world.calls(calls[1 : LIMIT + 1])
        until = await world.asks("SELECT open_till FROM breakers")
        world.sms.answers, world.sms.hangs = [answer], hanging
        world.clock.advance(timedelta(seconds=5))
    assert await world.asks("SELECT open_till FROM breakers") == until
    await world.calls(calls[LIMIT + 1 :])
    assert len(world.sms.sent) == LIMIT + 1


async def test_failures_in_a_row_are_counted_as_such(database: Database) -> None:
    world = await people_due(database, 2 * LIMIT)
    world.sms.answers = [*([Unknown("503")] * (LIMIT - 1) + [Accepted("one")]) * 2]

    await world.calls(await world.claims())

    assert len(world.sms.sent) == 2 * LIMIT
    assert await world.asks("SELECT count(*) FROM breakers WHERE open_till IS NOT NULL") == 0


async def test_staff_see_that_a_vendor_rests_until_a_call_to_it_works(database: Database) -> None:
    metrics = Metrics(prefix="outreach", declared=METRICS)

    async def shown() -> tuple[bool, bool]:
        await measure_resting(("twilio", "sendgrid"), metrics=metrics, database=database)
        text = metrics.render().decode()
        return (
            'outreach_provider_resting{provider="twilio"} 1.0' in text,
            'outreach_provider_resting{provider="sendgrid"} 0.0' in text,
        )

    world = await resting(database, 1)
    assert await shown() == (True, True)
    # Nobody tries it while nothing is due, and nobody knows whether it works.
    world.clock.advance(HOW.breaker_rest + timedelta(minutes=1))
    assert await shown() == (True, True)

    world.sms.answers = [Accepted("SM1")]
    await world.works()

    assert await shown() == (False, True)
