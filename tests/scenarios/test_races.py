"""Workers beside each other, and a stop or a payment that races a send."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from random import Random

import pytest

from foundation.database import Connection, Database
from outreach.sending.dispatching import Dispatching
from tests.support.eventually import eventually
from tests.support.world import World, usd

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"


@pytest.fixture
async def second_pool(database_url: str) -> AsyncIterator[Database]:
    """Another process's connections to the same database."""
    async with Database.open(database_url, size=4, name="second") as opened:
        yield opened


def beside(world: World, database: Database) -> World:
    """Return another worker on the same data at the same time."""
    other = World(database, now=MORNING)
    other.clock = world.clock
    other.dispatching = world.dispatching
    return other


async def test_two_workers_who_claim_at_once_never_decide_the_same_touch(
    database: Database, second_pool: Database
) -> None:
    world = World(database, now=MORNING)
    other = beside(world, second_pool)
    people = [f"p{number:02}" for number in range(40)]
    for number, person in enumerate(people):
        await world.person(person, phone=f"+13125550{100 + number}", email=None)
        await world.has_a_text_due(person)

    await asyncio.gather(*(each.works() for each in (world, other) * 3))

    sent = Counter(each.to for each in [*world.sms.sent, *other.sms.sent])
    assert sorted(sent.values()) == [1] * 40
    assert await world.asks("SELECT count(*) FROM decisions WHERE decision = 'send'") == 40


async def test_a_cap_holds_over_two_workers_and_two_debts(database: Database, second_pool: Database) -> None:
    world = World(database, now=MORNING)
    other = beside(world, second_pool)
    await world.person()
    for debt in ("d1", "d2", "d3"):
        await world.has_a_text_due("ada", debt)

    await asyncio.gather(*(each.works() for each in (world, other) * 3))

    assert len(world.sms.sent) + len(other.sms.sent) == 1


class Unhurried(Database):
    """Stands before its commit until it is told to go on."""

    def __init__(self, living: Database) -> None:
        super().__init__(living.connections)
        self.stands = asyncio.Event()
        self.goes_on = asyncio.Event()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        async with super().transaction() as connection:
            yield connection
            self.stands.set()
            await self.goes_on.wait()


async def waits_for_a_lock(world: World, name: str) -> bool:
    """Say whether a connection of this name waits for somebody's lock."""
    waiting = """SELECT count(*) FROM pg_stat_activity
                  WHERE datname = current_database() AND application_name = $1 AND wait_event_type = 'Lock'"""
    return bool(await world.asks(waiting, name))


async def test_a_cap_holds_for_two_people_who_share_a_number_and_two_workers(
    database: Database, second_pool: Database
) -> None:
    # One person per claim, so that each worker holds one of the two.
    world = World(database, now=MORNING, dispatching=Dispatching(batch=1, spread=timedelta(0)))
    other = beside(world, second_pool)
    for person in ("ada", "bob"):
        await world.person(person, phone="+13125550142", email=None)
        await world.has_a_text_due(person)
    world.database = unhurried = Unhurried(database)

    first = asyncio.create_task(world.claims())
    await unhurried.stands.wait()
    second = asyncio.create_task(other.claims())
    # What the first reserved is not to be seen yet, so the second must wait for it.
    await eventually(lambda: waits_for_a_lock(world, "second"), what="the second worker waits for the first")
    unhurried.goes_on.set()

    assert len(await first) == 1
    assert await second == []


async def test_a_cap_holds_for_two_people_who_share_a_number_and_are_claimed_together(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    for person in ("ada", "bob"):
        await world.person(person, phone="+13125550142", email=None)
        await world.has_a_text_due(person)

    await world.works()

    assert len(world.sms.sent) == 1


async def test_two_workers_may_recover_and_hear_the_same_receipt_at_once(
    database: Database, second_pool: Database
) -> None:
    world = World(database, now=MORNING)
    other = beside(world, second_pool)
    await world.person()
    await world.has_a_text_due()
    (call,) = await world.claims()
    await world.calls_and_dies(call)
    world.clock.advance(timedelta(minutes=3))
    receipt = world.receipt(call, "delivered")

    await asyncio.gather(
        world.recovers(), other.recovers(), world.hears_receipts(receipt), other.hears_receipts(receipt)
    )

    assert (await world.touch())["status"] == "delivered"
    assert (await world.published()).count("touch.delivered") == 1


async def test_receipts_that_two_webhooks_hear_at_once_never_lower_what_is_known(
    database: Database, second_pool: Database
) -> None:
    world = World(database, now=MORNING)
    other = beside(world, second_pool)
    for number in range(10):
        person = await world.person(f"p{number}", phone=f"+1312555014{number}", email=None)
        await world.has_a_text_due(person)
        (call,) = await world.claims()
        await world.calls([call])

        await asyncio.gather(
            world.hears_receipts(world.receipt(call, "delivered")),
            other.hears_receipts(world.receipt(call, "undelivered", code="30003")),
            world.hears_receipts(world.receipt(call, "accepted")),
        )

        assert await world.ledger(person) == ["delivered"]
        receipt = "SELECT receipt FROM attempts WHERE attempt_id = $1"
        assert await world.asks(receipt, call.attempt_id) == "delivered"


async def stops(world: World) -> None:
    await world.answers("STOP")


async def pays(world: World, person: str = "ada") -> None:
    await world.hears(
        world.happens(
            "payment.received",
            to=person,
            debt_id="d1",
            payment_id="late",
            amount=usd("200.00"),
            balance=usd("0.00"),
        )
    )


async def moves(world: World) -> None:
    await world.person(address={"country": "US", "region": "HI", "postal_code": "96813"})


async def closes(world: World) -> None:
    await world.hears(world.happens("debt.closed", to="ada", debt_id="d1", reason="recalled"))


async def is_paused(world: World) -> None:
    await world.pauses(play="introduction")


News = Callable[[World], Awaitable[None]]
NEWS = pytest.mark.parametrize(
    "news", [stops, pays, moves, closes, is_paused], ids=lambda each: each.__name__
)


async def an_introduction_due(database: Database) -> World:
    """A debt placed an hour ago, so that a first text is due: to somebody who has no email."""
    world = World(database, now="2026-03-02T14:59Z")
    await world.debt(await world.person(email=None))
    world.clock.advance(timedelta(hours=1, minutes=1))
    return world


@NEWS
async def test_news_before_the_claim_is_in_the_decision(database: Database, news: News) -> None:
    world = await an_introduction_due(database)

    await news(world)
    await world.works()

    assert await world.called("introduction") == 0


@NEWS
async def test_news_between_claim_and_gate_keeps_the_gate_shut(database: Database, news: News) -> None:
    world = await an_introduction_due(database)
    calls = await world.claims()

    await news(world)
    await world.calls(calls)
    assert world.sent == []

    await world.works_until("2026-03-02T17:00Z")
    assert await world.called("introduction") == 0


@NEWS
async def test_news_after_the_gate_comes_too_late_and_harms_nothing(database: Database, news: News) -> None:
    world = await an_introduction_due(database)
    (call,) = await world.claims()

    async with world.slow_call(call):
        await news(world)

    assert [each.attempt_id for each in world.sent] == [call.attempt_id]
    assert (await world.touches())["introduction placed"] == "accepted"
    assert "accepted" in await world.ledger()


@pytest.mark.parametrize("news", [pays, closes], ids=lambda each: each.__name__)
async def test_what_the_plan_gave_up_while_it_was_being_sent_is_not_sent_later(
    database: Database, news: News
) -> None:
    world = await an_introduction_due(database)
    await world.claims()

    await news(world)
    await world.works_until("2026-03-12T17:00Z")

    assert await world.called("introduction") == 0
    assert (await world.touches())["introduction placed"] == "cancelled"


async def test_a_stop_beats_a_call_for_somebody_else_at_the_same_number(database: Database) -> None:
    world = World(database, now=MORNING)
    for person in ("ada", "bob"):
        await world.person(person, phone="+13125550142", email=None)
    await world.has_a_text_due("bob")
    calls = await world.claims()

    await world.answers("STOP")
    await world.calls(calls)

    assert world.sent == []


async def test_a_contact_at_a_shared_address_between_claim_and_gate_keeps_the_gate_shut(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    for person in ("ada", "bob"):
        await world.person(person, phone="+13125550142", email=None)
    await world.has_a_text_due("bob")
    calls = await world.claims()

    await world.hears(
        world.happens(
            "contact.recorded",
            to="ada",
            contact_id="c1",
            channel="voice",
            direction="outbound",
            outcome="unanswered",
            address="+13125550142",
        )
    )
    await world.calls(calls)

    assert (len(calls), world.sent) == (1, [])


async def test_a_stop_from_a_number_the_person_had_when_we_wrote_beats_a_call(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person(phone="+13125550142", email=None)
    await world.has_a_text_due("ada", "d1")
    await world.works()
    await world.person(phone="+13125550143", email=None)
    world.clock.advance(timedelta(days=3))
    await world.has_a_text_due("ada", "d2")
    calls = await world.claims()
    assert [each.message.to for each in calls] == ["+13125550143"]

    await world.answers("STOP", phone="+13125550142")
    await world.calls(calls)

    assert len(world.sms.sent) == 1


@pytest.mark.parametrize("seed", range(4))
async def test_after_a_stop_was_answered_or_a_payment_committed_nothing_uncalled_is_called(
    database: Database, second_pool: Database, seed: int
) -> None:
    """Sixty people per seed: a send, and news from another process at a random moment of it."""
    random = Random(seed)
    world = World(database, now="2026-03-02T14:59Z")
    other = beside(world, second_pool)
    people = [f"p{number:02}" for number in range(60)]
    for number, person in enumerate(people):
        await world.person(person, phone=phone_of(number), email=None)
    await world.hears(*(world.places(each) for each in people))
    world.clock.advance(timedelta(hours=1, minutes=1))
    other.begins_events_at(1000)
    called: dict[str, int] = {}

    async def news(number: int, person: str) -> None:
        await turns(random.randrange(1500))
        if random.random() < 0.5:
            await other.answers("STOP", phone=phone_of(number))
        else:
            await pays(other, person)
        called[person] = await world.called("introduction", person)

    await asyncio.gather(world.works(), *(news(number, each) for number, each in enumerate(people)))
    await world.works_until("2026-03-02T17:00Z")

    assert {each: await world.called("introduction", each) for each in people} == called
    assert 0 < sum(called.values()) < 60, "the race was never close"


def phone_of(number: int) -> str:
    return f"+13125550{100 + number}"


async def turns(number: int) -> None:
    """Let others run for a while."""
    for _ in range(number):
        await asyncio.sleep(0)
