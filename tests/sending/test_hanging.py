"""Dispatch that hangs is noticed, wherever it does; whoever waits for what is due does not hang."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from foundation.database import Connection, Database
from foundation.pulse import Hangs, Pulse
from outreach.sending.dispatch import Dispatch
from outreach.sending.obstacles import Obstacle
from outreach.sending.pace import Pace
from tests.support.eventually import eventually
from tests.support.world import World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"


@asynccontextmanager
async def running(
    dispatch: Dispatch, *, looks_every: timedelta = timedelta(milliseconds=10)
) -> AsyncIterator[asyncio.Task[None]]:
    dispatch.pulse = Pulse(looks_every=looks_every)
    stop = asyncio.Event()
    work = asyncio.create_task(dispatch.run(stop, tick=timedelta(minutes=1)))
    watching = asyncio.create_task(dispatch.pulse.watch(stop))
    try:
        yield watching
    finally:
        stop.set()
        work.cancel()
        await asyncio.wait([work, watching])


async def test_a_step_that_has_no_end_is_noticed(database: Database) -> None:
    async def never_answers(_: Connection) -> Obstacle | None:
        await asyncio.Event().wait()
        raise AssertionError

    world = World(database, now=MORNING)
    async with running(world.dispatch(find_obstacle=never_answers)) as watching:
        await eventually(watching.done)

    assert isinstance(watching.exception(), Hangs)


async def test_a_vendor_that_never_answers_is_noticed_where_everybody_waits_for_it(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    for number in range(6):
        await world.has_a_text_due(await world.person(f"p{number}", phone=f"+13125550{100 + number}"))
    answer = world.sms.hangs = asyncio.Event()
    async with running(world.dispatch(workers=1)) as watching:
        await eventually(watching.done)
        answer.set()

    assert isinstance(watching.exception(), Hangs)


async def test_a_slow_pace_is_no_hanging(database: Database) -> None:
    """As a long code that takes a segment in several seconds."""
    world = World(database, now=MORNING)
    for number in range(3):
        await world.has_a_text_due(await world.person(f"p{number}", phone=f"+13125550{100 + number}"))
    dispatch = world.dispatch(paces={"twilio": Pace(0.01)})
    async with running(dispatch, looks_every=timedelta(minutes=1)):
        await eventually(lambda: dispatch.begun and dispatch.pulse.resting)


async def test_nothing_due_is_no_hanging(database: Database) -> None:
    looked = asyncio.Event()

    async def stands_in_no_way(_: Connection) -> Obstacle | None:
        looked.set()
        return None

    world = World(database, now=MORNING)
    dispatch = world.dispatch(find_obstacle=stands_in_no_way)
    async with running(dispatch, looks_every=timedelta(minutes=1)):
        await looked.wait()
        await eventually(lambda: dispatch.pulse.resting)
