"""Every state of a touch and every way out of it (the state table in ARCHITECTURE.md)."""

from datetime import timedelta
from typing import Any

import pytest

from foundation.database import Database
from outreach.model.outcome import Accepted, NotSent, Outcome, Refused, Unknown
from tests.support.world import World, usd

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"


#: What a vendor tells, in order, and what becomes of the touch.
TOLD = [
    (["delivered"], "delivered"),
    (["undelivered"], "undelivered"),
    (["accepted"], "accepted"),
    (["accepted", "delivered"], "delivered"),
    (["delivered", "accepted"], "delivered"),
    (["delivered", "undelivered"], "delivered"),
    (["undelivered", "accepted"], "undelivered"),
    (["undelivered", "delivered"], "delivered"),
    (["delivered", "delivered"], "delivered"),
]


async def a_text_due(database: Database, *, now: str = MORNING) -> World:
    world = World(database, now=now)
    await world.person()
    await world.has_a_text_due()
    return world


async def a_text_called(database: Database, outcome: Outcome | None = None) -> tuple[World, Any]:
    world = await a_text_due(database)
    world.sms.answers = [outcome] if outcome else []
    (call,) = await world.claims()
    await world.calls([call])
    return world, call


async def test_a_planned_touch_is_sent_when_it_is_due_and_not_before(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.debt(await world.person())

    await world.works_until("2026-03-02T15:59Z")
    assert (await world.touch("introduction"))["status"] == "planned"
    assert world.sent == []

    await world.works_until("2026-03-02T16:00Z")
    assert (await world.touches())["introduction placed"] == "accepted"
    assert len(world.sent) == 1


async def test_a_claim_reserves_and_writes_the_attempt_before_anything_is_called(database: Database) -> None:
    world = await a_text_due(database)

    (call,) = await world.claims()

    assert world.sent == []
    assert (await world.touch())["status"] == "sending"
    assert await world.ledger() == ["reserved"]
    assert await world.asks("SELECT called_at FROM attempts WHERE attempt_id = $1", call.attempt_id) is None


async def test_a_touch_that_may_not_go_now_stays_planned_with_reason_and_instant(database: Database) -> None:
    world = await a_text_due(database, now="2026-03-02T05:00Z")

    await world.works()

    touch = await world.touch()
    assert (touch["status"], touch["reason"]) == ("planned", "outside_contact_window")
    assert touch["due_at"].isoformat() == touch["until"].isoformat() == "2026-03-02T14:00:00+00:00"
    assert "touch.deferred" in await world.published()


async def test_a_touch_that_needs_a_fact_waits_and_is_decided_again_when_the_fact_comes(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    await world.person(consents=[], email=None)
    await world.has_a_text_due()

    await world.works()
    touch = await world.touch()
    assert (touch["status"], touch["reason"]) == ("waiting", "consent_missing")

    await world.person(email=None)
    assert (await world.touch())["status"] == "planned"
    await world.works()
    assert len(world.sms.sent) == 1


async def test_a_touch_that_waited_until_its_time_was_over_expires(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person(consents=[], email=None)
    await world.has_a_text_due()

    await world.works_until("2026-03-07T15:00Z")

    assert (await world.touch())["status"] == "expired"
    assert (await world.published())[-1] == "touch.expired"


async def test_a_touch_of_a_person_who_closed_every_channel_is_suppressed_for_good(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    await world.person()
    await world.answers("STOP")
    await world.unsubscribes()
    await world.has_a_text_due()

    await world.works()

    touch = await world.touch()
    assert (touch["status"], touch["reason"]) == ("suppressed", "opted_out")
    assert [each.body for each in world.sms.sent if "thank" in each.body.casefold()] == []


async def test_a_gate_that_does_not_open_gives_the_touch_and_its_slot_back(database: Database) -> None:
    world = await a_text_due(database)
    calls = await world.claims()

    await world.person()
    await world.calls(calls)

    assert world.sent == []
    assert (await world.touch())["status"] == "planned"
    assert await world.ledger() == ["not_sent"]
    await world.works_until("2026-03-02T15:05Z")
    assert len(world.sms.sent) == 1


@pytest.mark.parametrize(
    ("outcome", "status", "contact"),
    [
        (Accepted("SM1"), "accepted", "accepted"),
        (Refused("21211", unreachable=True), "refused", "refused"),
        (Unknown("timeout"), "unknown", "unknown"),
        (NotSent("20429"), "planned", "not_sent"),
    ],
    ids=["accepted", "refused", "of unknown fate", "certainly not sent"],
)
async def test_a_call_settles_the_touch_and_the_ledger(
    database: Database, outcome: Outcome, status: str, contact: str
) -> None:
    world, _ = await a_text_called(database, outcome)

    assert (await world.touch())["status"] == status
    assert await world.ledger() == [contact]


async def test_what_was_certainly_not_sent_is_tried_again_after_a_while(database: Database) -> None:
    world, _ = await a_text_called(database, NotSent("20429", retry_after=timedelta(minutes=7)))

    await world.works_until("2026-03-02T15:06Z")
    assert len(world.sms.sent) == 1

    await world.works_until("2026-03-02T15:07Z")
    assert len(world.sms.sent) == 2
    assert (await world.touch())["status"] == "accepted"


async def test_what_was_put_off_for_a_touch_that_was_not_sent_takes_its_place(database: Database) -> None:
    """A cap that only a reservation filled is not full once the reservation is released."""
    world = World(database, now=MORNING)
    await world.person()
    await world.has_a_text_due("ada", "d1")
    await world.has_a_text_due("ada", "d2")
    world.sms.answers = [NotSent("20429", retry_after=timedelta(hours=1))]

    await world.works()

    debts = await world.rows("SELECT debt_id, status FROM touches WHERE play = 'thank_you' ORDER BY status")
    assert [each["status"] for each in debts] == ["accepted", "planned"]
    assert len(world.sms.sent) == 2


async def test_what_is_not_sent_again_and_again_is_tried_at_growing_distances(database: Database) -> None:
    world = await a_text_due(database)
    world.sms.answers = [NotSent("connection_refused")] * 5

    await world.works_until("2026-03-02T15:04Z")

    # At once, 30 s later, a minute after that, two minutes after that.
    assert len(world.sms.sent) == 4


async def test_an_uncalled_attempt_whose_lease_is_over_goes_back_to_the_plan(database: Database) -> None:
    world = await a_text_due(database)
    await world.claims()

    await world.works_until("2026-03-02T15:01Z")
    assert (await world.touch())["status"] == "sending"

    world.clock.move_to(world.clock.now() + timedelta(minutes=1))
    assert await world.recovers() == 1
    assert (await world.touch())["status"] == "planned"
    assert await world.ledger() == ["not_sent"]


async def test_a_called_attempt_whose_lease_is_over_is_of_unknown_fate_and_never_repeated(
    database: Database,
) -> None:
    world = await a_text_due(database)
    (call,) = await world.claims()
    await world.calls_and_dies(call)

    await world.works_until("2026-03-04T00:00Z")

    assert (await world.touch())["status"] == "unknown"
    assert await world.ledger() == ["unknown"]
    assert len(world.sms.sent) == 1


async def test_recovering_twice_settles_once(database: Database) -> None:
    world = await a_text_due(database)
    await world.claims()
    world.clock.move_to(world.clock.now() + timedelta(minutes=3))

    assert [await world.recovers(), await world.recovers()] == [1, 0]


async def test_a_worker_that_comes_back_after_its_lease_may_not_call(database: Database) -> None:
    world = await a_text_due(database)
    calls = await world.claims()
    world.clock.move_to(world.clock.now() + timedelta(minutes=3))
    await world.recovers()

    await world.calls(calls)

    assert world.sent == []
    assert (await world.touch())["status"] == "planned"


async def test_an_answer_that_comes_after_recovery_still_settles_the_touch(database: Database) -> None:
    world = await a_text_due(database)
    (call,) = await world.claims()

    async with world.slow_call(call):
        world.clock.move_to(world.clock.now() + timedelta(minutes=3))
        await world.recovers()
        assert (await world.touch())["status"] == "unknown"

    assert (await world.touch())["status"] == "accepted"
    assert await world.ledger() == ["accepted"]


@pytest.mark.parametrize(
    "outcome", [Accepted("SM1"), Unknown("timeout")], ids=["after an answer", "after none"]
)
async def test_receipts_move_a_touch_by_rank_and_only_upwards(database: Database, outcome: Outcome) -> None:
    world = World(database, now=MORNING)
    for number, (told, status) in enumerate(TOLD):
        person = await world.person(f"p{number}", phone=f"+1312555011{number}")
        await world.has_a_text_due(person)
        world.sms.answers = [outcome]
        (call,) = await world.claims()
        await world.calls([call])

        for each in told:
            await world.told(call, each)

        assert (await world.touch(person=person))["status"] == status, told
        assert await world.ledger(person) == [status], told


async def test_a_receipt_that_overtakes_the_answer_is_not_undone_by_it(database: Database) -> None:
    world = await a_text_due(database)
    (call,) = await world.claims()

    async with world.slow_call(call):
        await world.told(call, "delivered")
        assert (await world.touch())["status"] == "delivered"

    assert (await world.touch())["status"] == "delivered"
    assert await world.ledger() == ["delivered"]


async def test_a_receipt_of_an_attempt_that_was_never_called_changes_nothing(database: Database) -> None:
    world = await a_text_due(database)
    (call,) = await world.claims()

    await world.told(call, "delivered")

    assert (await world.touch())["status"] == "sending"


async def test_twilios_own_quiet_hours_bring_the_touch_back_to_the_plan(database: Database) -> None:
    world, call = await a_text_called(database)

    await world.told(call, "undelivered", code="30610", may_send_again=True)
    assert (await world.touch())["status"] == "planned"
    assert await world.ledger() == ["not_sent"]

    await world.works_until("2026-03-02T15:30Z")
    assert len(world.sms.sent) == 2
    assert (await world.touch())["status"] == "accepted"


async def test_a_late_30610_takes_nothing_back_from_what_was_delivered(database: Database) -> None:
    world, call = await a_text_called(database)
    await world.told(call, "delivered")

    await world.told(call, "undelivered", code="30610", may_send_again=True)

    assert (await world.touch())["status"] == "delivered"
    assert await world.ledger() == ["delivered"]


async def test_a_plan_cancels_moves_and_revives_what_is_not_sent_yet(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.debt(await world.person())
    plan = {"to": "ada", "debt_id": "d1", "plan_id": "p1"}
    parts = [{"number": 1, "due_on": "2026-03-20", "amount": usd("80.00")}]
    later = [{"number": 1, "due_on": "2026-03-25", "amount": usd("80.00")}]

    world.clock.advance(timedelta(minutes=1))
    await world.hears(world.happens("plan.agreed", **plan, instalments=parts))
    assert (await world.touch("introduction"))["status"] == "cancelled"

    world.clock.advance(timedelta(minutes=1))
    await world.hears(world.happens("plan.changed", **plan, instalments=later))
    reminders = {key: value for key, value in (await world.touches()).items() if "instalment_rem" in key}
    assert reminders == {
        "instalment_reminder 2026-03-20:1": "cancelled",
        "instalment_reminder 2026-03-25:1": "planned",
    }

    world.clock.advance(timedelta(minutes=1))
    await world.hears(world.happens("plan.changed", **plan, instalments=parts))
    assert (await world.touches())["instalment_reminder 2026-03-20:1"] == "planned"
    assert (await world.touches())["instalment_reminder 2026-03-25:1"] == "cancelled"


async def test_a_touch_that_moves_takes_all_that_the_facts_say_with_it(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.debt(await world.person())

    world.clock.advance(timedelta(minutes=1))
    await world.hears(
        {**world.places("ada"), "data": {**world.places("ada")["data"], "creditor": "lakeside"}}
    )

    touch = await world.touch("introduction")
    assert (touch["creditor"], touch["due_at"].isoformat()) == ("lakeside", "2026-03-02T16:00:00+00:00")


async def test_what_is_being_sent_is_neither_moved_nor_cancelled_by_the_plan(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.debt(await world.person())
    world.clock.advance(timedelta(hours=2))
    await world.claims()

    await world.hears(world.happens("debt.closed", to="ada", debt_id="d1", reason="recalled"))

    assert (await world.touch("introduction"))["status"] == "sending"


async def test_a_bounce_is_followed_by_the_next_channel(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.debt(await world.person())
    world.clock.advance(timedelta(hours=1))
    (call,) = await world.claims()
    await world.calls([call])
    assert len(world.email.sent) == 1

    await world.told(call, "undelivered", code="550")
    await world.works_until("2026-03-06T23:00Z")

    assert len(world.sms.sent) == 1
    assert (await world.touches())["introduction placed~sms"] == "accepted"
