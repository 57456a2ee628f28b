"""What single statements promise, where other steps would hide it for a while if they did not keep it."""

from datetime import timedelta

import pytest

from foundation.database import Database
from outreach.model.suppression import Suppression
from outreach.model.words import Channel
from outreach.sending.known import read_known
from outreach.store import decisions, ledger, replies, suppressions
from tests.support.world import World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"


@pytest.fixture
def world(database: Database) -> World:
    return World(database, now=MORNING)


def closed(world: World, name: str, kind: str = "opted_out") -> Suppression:
    return Suppression(
        suppression_id=name,
        person_id="ada",
        address="+13125550142",
        channel=Channel.SMS,
        kind=kind,
        at=world.clock.now(),
    )


async def test_what_a_webhook_said_before_is_not_new(world: World) -> None:
    async with world.database.transaction() as connection:
        heard = [
            await replies.accept_webhook_events(connection, each, provider="twilio", now=world.clock.now())
            for each in (["a", "b"], ["b", "c"])
        ]

    assert heard == [{"a", "b"}, {"c"}]


async def test_a_suppression_that_was_recorded_before_is_not_new(world: World) -> None:
    async with world.database.transaction() as connection:
        new = [
            await suppressions.record_suppressions(
                connection, [closed(world, "x")], origin="provider", now=world.clock.now()
            )
            for _ in range(2)
        ]

    assert new == [{"x"}, set()]


async def test_lifting_holds_by_name_lifts_holds_alone(world: World) -> None:
    await world.person()
    async with world.database.transaction() as connection:
        bound = [
            closed(world, "stop"),
            closed(world, "human", "with_human"),
            closed(world, "w", "wrong_party"),
        ]
        await suppressions.record_suppressions(connection, bound, origin="reply", now=world.clock.now())

        await suppressions.lift_holds(connection, ["stop", "human", "w"], by="staff", now=world.clock.now())

        still = (await suppressions.read_suppressions(connection, ["ada"]))["ada"]
    assert {each.suppression_id for each in still} == {"stop", "w"}


async def test_a_start_takes_back_what_was_said_by_text_and_nothing_else(world: World) -> None:
    async with world.database.transaction() as connection:
        for origin in ("reply", "provider", "unsubscribe", "preferences"):
            await suppressions.record_suppressions(
                connection, [closed(world, origin)], origin=origin, now=world.clock.now()
            )

        liftable = await suppressions.list_liftable(
            connection, address="+13125550142", channel=Channel.SMS, now=world.clock.now()
        )

    assert [stop.suppression.suppression_id for stop in liftable] == ["provider", "reply"]


async def test_a_contact_at_a_shared_number_counts_once_for_each_who_has_it(world: World) -> None:
    for person in ("ada", "bob"):
        await world.person(person, email=None)
    await world.has_a_text_due("ada")
    await world.works()

    async with world.database.transaction() as connection:
        known = await read_known(connection, ["ada", "bob"], now=world.clock.now())

    assert [len(known[each].ledger) for each in ("ada", "bob")] == [1, 1]


async def test_a_conversation_is_a_sign_of_life_whoever_began_it(world: World) -> None:
    await world.person()
    for number, outcome in enumerate(("unanswered", "answered")):
        called = world.happens(
            "contact.recorded",
            to="ada",
            at=world.clock.now() - timedelta(minutes=1 - number),
            contact_id=f"c{number}",
            channel="voice",
            direction="outbound",
            outcome=outcome,
        )
        await world.hears(called)

    async with world.database.transaction() as connection:
        heard = await ledger.read_last_heard(connection, ["ada"])

    assert heard == {"ada": world.clock.now()}


async def test_only_decisions_older_than_the_law_asks_for_are_forgotten(world: World) -> None:
    await world.person()
    await world.has_a_text_due()
    await world.works()
    kept = await world.asks("SELECT count(*) FROM decisions")

    async with world.database.transaction() as connection:
        await decisions.forget_decisions(connection, before=world.clock.now() - timedelta(days=1))
    assert await world.asks("SELECT count(*) FROM decisions") == kept > 0

    async with world.database.transaction() as connection:
        await decisions.forget_decisions(connection, before=world.clock.now() + timedelta(days=1))
    assert await world.asks("SELECT count(*) FROM decisions") == 0
