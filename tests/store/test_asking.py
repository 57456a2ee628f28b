"""Asking what is known of people waits for no send and holds none up."""

import pytest

from foundation.database import Connection, Database
from outreach.sending.known import lock_and_read_known, read_known
from outreach.store import people
from tests.support.world import World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"

BOTH = ["ada", "bob"]


@pytest.fixture
async def world(database: Database) -> World:
    """Two people who share a number."""
    world = World(database, now=MORNING)
    for person in BOTH:
        await world.person(person, email=None)
    return world


async def claim(connection: Connection, world: World) -> None:
    """Lock and read as a claim does; give up at once where it would have to wait."""
    await connection.execute("SET LOCAL lock_timeout = '1ms'")
    await people.lock_people(connection, BOTH)
    await lock_and_read_known(connection, BOTH, now=world.clock.now())


async def ask(connection: Connection, world: World) -> list[bool]:
    """Read as somebody who asks; return whether each shares a number."""
    await connection.execute("SET LOCAL lock_timeout = '1ms'")
    known = await read_known(connection, BOTH, now=world.clock.now())
    return [bool(known[person].shared_addresses) for person in BOTH]


async def test_asking_does_not_wait_for_a_claim_that_is_open(world: World) -> None:
    async with world.database.transaction() as claiming, world.database.transaction() as asking:
        await claim(claiming, world)

        assert await ask(asking, world) == [True, True]


async def test_a_claim_does_not_wait_for_a_question_that_is_open(world: World) -> None:
    async with world.database.transaction() as asking, world.database.transaction() as claiming:
        assert await ask(asking, world) == [True, True]

        await claim(claiming, world)


async def test_asking_writes_nothing(world: World) -> None:
    async with world.database.transaction() as connection:
        await connection.execute("SET TRANSACTION READ ONLY")

        assert await ask(connection, world) == [True, True]
