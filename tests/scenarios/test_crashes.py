"""A worker may die anywhere: every transaction and every call, before, during and after."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest

from foundation.database import Database
from foundation.records import Record
from outreach.model.outcome import Outcome, Unknown
from tests.support.mortal import Moment, MortalDatabase, WorkerDied
from tests.support.world import World, usd

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"

MOMENTS = pytest.mark.parametrize("moment", ["before", "during", "after"])


async def dies_everywhere(
    world: World, moment: Moment, *, begin: Callable[[str], Awaitable[Callable[[], Awaitable[object]]]]
) -> tuple[int, list[str]]:
    """Do the same work for one person after the other, dying one transaction later each time.

    `begin` prepares a person and returns the work. Return how many transactions the work has, and
    the people.
    """
    people: list[str] = []
    for dies_at in count(1):
        people.append(person := f"p{dies_at}")
        work = await begin(person)
        mortal = MortalDatabase(world.database, dies_at=dies_at, moment=moment)
        with world.on(mortal), suppress(WorkerDied):
            await work()
        if not mortal.died:
            return dies_at - 1, people
        world.clock.advance(timedelta(minutes=3))
        await world.works()
    raise AssertionError("the work never ended")


def phone_of(person: str) -> str:
    return f"+131255501{int(person[1:]):02}"


async def made_known(world: World, person: str) -> None:
    await world.person(person, phone=phone_of(person), email=f"{person}@example.com")


async def assert_nobody_was_harmed(world: World, people: list[str]) -> None:
    """Nobody got a touch twice, nothing sent is missing in the ledger, nothing is left hanging."""
    sent = [str(each.attempt_id) for each in world.sent]
    of_touch = [
        each["touch_id"]
        for each in await world.rows("SELECT touch_id FROM attempts WHERE attempt_id::text = ANY($1)", sent)
    ]
    assert len(of_touch) == len(set(of_touch)) == len(sent)
    uncounted = await world.asks(
        """SELECT count(*) FROM contacts
            WHERE attempt_id::text = ANY($1) AND outcome IN ('not_sent', 'refused')""",
        sent,
    )
    assert uncounted == 0
    assert await world.asks("SELECT count(*) FROM attempts WHERE settled_at IS NULL") == 0
    assert await world.asks("SELECT count(*) FROM touches WHERE status = 'sending'") == 0
    for person in people:
        sequences = await world.rows("SELECT sequence FROM outbox WHERE key = $1 ORDER BY position", person)
        by_topic = await world.asks("SELECT count(DISTINCT topic) FROM outbox WHERE key = $1", person)
        assert by_topic > 1 or [each["sequence"] for each in sequences] == [*range(1, len(sequences) + 1)]


@MOMENTS
@pytest.mark.parametrize("outcome", [None, Unknown("timeout")], ids=["accepted", "unknown"])
async def test_dispatch_may_die_at_any_transaction(
    database: Database, moment: Moment, outcome: Outcome | None
) -> None:
    world = World(database, now=MORNING)

    async def begin(person: str) -> Callable[[], Awaitable[object]]:
        await made_known(world, person)
        await world.has_a_text_due(person)
        world.sms.answers = [outcome] if outcome else []
        return world.works

    transactions, people = await dies_everywhere(world, moment, begin=begin)
    await world.works_until("2026-03-02T17:00Z")

    # Recover, claim, gate, settle, and the claim that finds nothing more.
    assert transactions == 5
    reached = {each.to for each in world.sms.sent}
    unreached = [each for each in people if phone_of(each) not in reached]
    # Who dies between the gate and the call may have called: that touch, and no other, is given up.
    assert len(unreached) == (moment == "after")
    for person in people:
        status = (await world.touch(person=person))["status"]
        assert status in ({"unknown"} if person in unreached else {"accepted", "unknown"})
    await assert_nobody_was_harmed(world, people)


@pytest.mark.parametrize("provider", ["twilio", "sendgrid"])
async def test_dispatch_may_die_in_the_call(database: Database, provider: str) -> None:
    world = World(database, now=MORNING)
    ada = await world.person(phone="+13125550142" if provider == "twilio" else None)
    await world.has_a_text_due(ada)
    (call,) = await world.claims()

    await world.calls_and_dies(call)
    await world.works_until("2026-03-04T12:00Z")

    assert [each.attempt_id for each in world.sent] == [call.attempt_id]
    assert (await world.touch())["status"] == "unknown"
    await assert_nobody_was_harmed(world, ["ada"])


@MOMENTS
async def test_recovery_may_die_at_any_transaction(database: Database, moment: Moment) -> None:
    world = World(database, now=MORNING)

    async def begin(person: str) -> Callable[[], Awaitable[object]]:
        await made_known(world, person)
        await world.has_a_text_due(person)
        (call,) = await world.claims()
        await world.calls_and_dies(call)
        world.clock.advance(timedelta(minutes=3))
        return world.recovers

    transactions, people = await dies_everywhere(world, moment, begin=begin)
    await world.works_until("2026-03-02T17:00Z")

    assert transactions == 1
    assert [(await world.touch(person=each))["status"] for each in people] == ["unknown"] * len(people)
    await assert_nobody_was_harmed(world, people)


@MOMENTS
async def test_ingest_may_die_at_any_transaction(database: Database, moment: Moment) -> None:
    """The same batch is read again after the death, with a record in it that nobody can read."""
    world = World(database, now=MORNING)

    async def begin(person: str) -> Callable[[], Awaitable[object]]:
        await made_known(world, person)
        payment = world.happens(
            "payment.received",
            to=person,
            debt_id="d1",
            payment_id="pay1",
            amount=usd("40.00"),
            balance=usd("200.00"),
        )
        bad = Record("debts.v1", 1, int(person[1:]), b"somebody else", b"{", ())
        batch = [world.record(world.places(person)), bad, world.record(payment)]
        read_again.append(batch)

        async def reads() -> None:
            await world.reads(batch)

        return reads

    read_again: list[list[Record]] = []
    transactions, people = await dies_everywhere(world, moment, begin=begin)
    for batch in read_again:
        await world.reads(batch)
    await world.works_until("2026-03-02T17:00Z")

    assert transactions == 1
    assert sorted(each.to for each in world.sms.sent) == [phone_of(each) for each in people]
    assert await world.asks("SELECT count(*) FROM quarantine WHERE reason = 'not_json'") == len(people)
    assert await world.published("outreach.quarantine.v1") == ["record.quarantined"] * len(people)
    await assert_nobody_was_harmed(world, people)


@MOMENTS
async def test_listening_to_receipts_may_die_at_any_transaction(database: Database, moment: Moment) -> None:
    """The vendor got no answer, so it tells us again."""
    world = World(database, now=MORNING)

    async def begin(person: str) -> Callable[[], Awaitable[object]]:
        await made_known(world, person)
        await world.has_a_text_due(person)
        (call,) = await world.claims()
        await world.calls([call])
        receipt = world.receipt(call, "undelivered", code="21610", opted_out=True)
        again.append(receipt)
        return lambda: world.hears_receipts(receipt)

    again: list[object] = []
    transactions, people = await dies_everywhere(world, moment, begin=begin)
    for each in again:
        await world.hears_receipts(each)  # type: ignore[arg-type]

    assert transactions == 1
    for person in people:
        assert (await world.touch(person=person))["status"] == "undelivered"
        assert (await world.published(to=person)).count("touch.undelivered") == 1
        suppressed = "SELECT count(*) FROM suppressions WHERE person_id = $1"
        assert await world.asks(suppressed, person) == 1
    await assert_nobody_was_harmed(world, people)


@MOMENTS
async def test_listening_to_a_stop_may_die_at_any_transaction(database: Database, moment: Moment) -> None:
    world = World(database, now=MORNING)

    async def begin(person: str) -> Callable[[], Awaitable[object]]:
        await made_known(world, person)
        await world.has_a_text_due(person)
        return lambda: world.answers("STOP", phone=phone_of(person), reply_id=f"stop of {person}")

    transactions, people = await dies_everywhere(world, moment, begin=begin)
    for person in people:
        await world.answers("STOP", phone=phone_of(person), reply_id=f"stop of {person}")

    assert transactions == 1
    for person in people:
        assert (await world.published("outreach.replies.v1", to=person)) == [
            "reply.received",
            "suppression.recorded",
        ]
    await assert_nobody_was_harmed(world, people)


@MOMENTS
async def test_unsubscribing_may_die_at_any_transaction(database: Database, moment: Moment) -> None:
    world = World(database, now=MORNING)

    async def begin(person: str) -> Callable[[], Awaitable[object]]:
        await made_known(world, person)
        return lambda: world.unsubscribes(person, f"{person}@example.com")

    transactions, people = await dies_everywhere(world, moment, begin=begin)
    for person in people:
        await world.unsubscribes(person, f"{person}@example.com")

    assert transactions == 1
    assert await world.asks("SELECT count(*) FROM suppressions WHERE lifted_at IS NULL") == len(people)


@MOMENTS
async def test_a_new_playbook_may_die_half_way_and_take_hold_later(
    database: Database, moment: Moment
) -> None:
    world = World(database, now=MORNING)

    async def begin(person: str) -> Callable[[], Awaitable[object]]:
        await made_known(world, person)
        await world.debt(person)
        return world.replans

    _, people = await dies_everywhere(world, moment, begin=begin)
    await world.replans()

    assert [(await world.touch("check_in", each))["status"] for each in people] == ["planned"] * len(people)
