"""A thousand ways in which a stop or a payment may meet a send at the gate, told statement by statement."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from copy import copy
from datetime import timedelta
from io import StringIO
from itertools import islice
from random import Random

import pytest

from foundation.database import Database
from outreach.sending.claim_result import Call
from tests.support.turns import Party, take_turns
from tests.support.world import World, usd

#: The gate's own turns: begin, lock, open, commit.
GATE = 4
#: How many ways each test tries: with four seeds and two kinds of news, a thousand.
WAYS = 125

#: What somebody else says about a person, by way of another process.
News = Callable[[World, str, int], Awaitable[object]]

#: How many turns the news have had before each turn of the gate.
Way = tuple[int, ...]


@pytest.fixture
async def wide(database_url: str) -> AsyncIterator[Database]:
    """A pool for four pairs of parties."""
    async with Database.open(database_url, size=8, name="turns") as opened:
        yield opened


async def stops(world: World, person: str, number: int) -> None:
    await world.answers("STOP", phone=phone_of(number), reply_id=f"stop of {person}")


async def pays(world: World, person: str, number: int) -> None:
    paid = world.happens(
        "payment.received",
        to=person,
        debt_id="d1",
        payment_id=f"of-{person}",
        amount=usd("240.00"),
        balance=usd("0.00"),
    )
    await world.hears({**paid, "id": f"payment-of-{person}"})


@pytest.mark.parametrize("news", [stops, pays], ids=lambda each: each.__name__)
@pytest.mark.parametrize("seed", range(4))
async def test_after_the_answer_nothing_uncalled_is_called_however_the_statements_meet(
    database: Database, wide: Database, log: StringIO, seed: int, news: News
) -> None:
    """Each person is sent to in a way of their own: so many of the news' turns before each of the gate's.

    Whoever comes upon the other's lock waits, and the other goes on.
    """
    world, people, calls = await introductions_due(database, WAYS)
    ways = zip(range(WAYS), people, distinct_ways(seed * WAYS, (seed + 1) * WAYS), strict=True)
    called: dict[str, int] = {}

    async def meet(number: int, person: str, way: Way) -> None:
        sending, telling = Party(wide), Party(wide)

        async def send() -> None:
            await on(world, sending).calls([calls[person]])

        async def tell() -> None:
            await news(on(world, telling), person, number)
            called[person] = await world.called("introduction", person)

        await take_turns(
            [(sending, send), (telling, tell)], order=order(way, sending, telling), watching=database
        )

    async def one_after_the_other() -> None:
        for each in ways:
            await meet(*each)

    await asyncio.gather(*(one_after_the_other() for _ in range(4)))
    await world.works_until("2026-03-02T17:00Z")

    assert {each: await world.called("introduction", each) for each in people} == called
    # A stop is bound by its first commit, whatever follows; so the gate comes first less often.
    least = WAYS / 25 if news is stops else WAYS / 5
    assert least < sum(called.values()) < WAYS * 4 / 5, "one side nearly always won"
    assert "left to recovery" not in log.getvalue()


def distinct_ways(begin: int, end: int) -> Iterator[Way]:
    """Return some of the ways, no two the same.

    Many are early, for who comes after the news' locks waits; some as late as can be.
    """
    random, ways = Random("at the gate"), dict[Way, None]()
    while len(ways) < end:
        ways[tuple(sorted(int(30 * random.random() ** random.choice((1, 4))) for _ in range(GATE)))] = None
    return islice(ways, begin, end)


async def introductions_due(database: Database, people: int) -> tuple[World, list[str], dict[str, Call]]:
    """Return people for whom a first text is decided, and the calls to make, by person."""
    world = World(database, now="2026-03-02T14:59Z")
    names = [f"p{number:03}" for number in range(people)]
    phones = ([{"number": phone_of(number), "kind": "mobile"}] for number in range(people))
    await world.hears(
        *(world.snapshot(each, phones=phone) for each, phone in zip(names, phones, strict=True))
    )
    await world.hears(*(world.places(each) for each in names))
    world.clock.advance(timedelta(hours=1, minutes=1))
    calls = {each.person_id: each for each in await world.claims()}
    assert sorted(calls) == names
    return world, names, calls


def on(world: World, database: Database) -> World:
    """Return the same world, as another process sees it."""
    other = copy(world)
    other.database = database
    return other


def order(way: Way, sending: Party, telling: Party) -> list[Party]:
    """Return whose turn it is: before the gate's n-th turn the news have had `way[n]`."""
    turns: list[Party] = []
    for wanted in way:
        turns += [telling] * (wanted - turns.count(telling))
        turns.append(sending)
    return turns


def phone_of(number: int) -> str:
    return f"+13125550{100 + number}"
