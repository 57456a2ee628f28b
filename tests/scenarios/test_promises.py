"""Every promise that the product makes, told once by its number; other suites take each apart."""

import json
import zoneinfo
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from pathlib import Path
from shutil import copytree

from foundation.database import Database
from foundation.metrics import Metrics
from foundation.records import Record
from outreach.app import METRICS
from outreach.guidance.in_force import InForce
from outreach.model.outcome import Unknown
from outreach.sending.dispatching import Dispatching
from tests.support.mortal import Fate, MortalDatabase, WorkerDied
from tests.support.world import SAMPLE, World, guidance_of, texts, usd

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"

#: The sample policy, and one rule more; `rules` is the last key of the file.
STRICTER = (
    (SAMPLE / "policy.yaml").read_text()
    + """
  - id: only_mornings
    kind: contact_window
    windows:
      - {days: mon-fri, from: "08:00", to: "09:00"}
    confidence: house
    cite: a decision of ours
"""
)


async def test_p1_an_event_heard_twice_changes_nothing_the_second_time(database: Database) -> None:
    """P1."""
    world = World(database, now=MORNING)
    placed = world.places(await world.person())
    await world.hears(placed, placed)
    planned, published = await world.touches(), await world.published()

    await world.hears(placed)

    assert (await world.touches(), await world.published()) == (planned, published)
    assert published == ["touch.planned"] * len(planned)


async def test_p1_a_payment_heard_before_its_debt_still_ends_the_introduction(database: Database) -> None:
    """P1."""
    world = World(database, now=MORNING)
    placed = world.places(await world.person())
    world.clock.advance(timedelta(minutes=1))
    paid = world.happens(
        "payment.received",
        to="ada",
        debt_id="d1",
        payment_id="1",
        amount=usd("240.00"),
        balance=usd("0.00"),
    )

    await world.hears(paid)
    await world.hears(placed)
    await world.works_until("2026-03-05T15:00Z")

    assert await world.called("introduction") == 0
    assert await world.called("thank_you") == 1


async def test_p2_nothing_leaves_without_a_recorded_decision(database: Database) -> None:
    """P2."""
    world = World(database, now=MORNING)
    await world.person()
    await world.has_a_text_due()
    mortal = MortalDatabase(database, Fate("commit"))
    with world.on(mortal), suppress(WorkerDied):
        await world.claims()
    assert await world.asks("SELECT count(*) FROM decisions") == 0
    assert await world.asks("SELECT count(*) FROM attempts") == 0

    (call,) = await world.claims()

    (made,) = await world.rows("SELECT * FROM decisions JOIN attempts USING (touch_id)")
    assert (made["attempt_id"], made["decision"]) == (call.attempt_id, "send")
    assert made["decided_at"] == world.clock.now()
    assert await world.asks("SELECT policy FROM decisions") == world.guidance.policy.version
    assert made["answers"] == {"sms": ["send"]}
    situation = json.loads(made["situation"])
    assert situation["evidence"]["addresses"][0]["postal_code"] == "60614"


async def test_p3_two_people_of_whom_the_same_is_known_get_the_same_decision(database: Database) -> None:
    """P3."""
    world = World(database, now=MORNING)
    for person, number in (("ada", "+13125550142"), ("bob", "+13125550143")):
        await world.person(person, phone=number, email=None)
        await world.has_a_text_due(person)

    await world.works()

    verdicts = await world.rows("SELECT decision, reasons, until, policy, answers FROM decisions")
    assert verdicts[0] == verdicts[1]


async def test_p4_a_call_that_another_system_made_counts_against_the_caps(database: Database) -> None:
    """P4."""
    world = World(database, now=MORNING)
    await world.person()
    await world.hears(
        world.happens(
            "contact.recorded",
            to="ada",
            at="2026-03-02T14:30Z",
            contact_id="c1",
            channel="voice",
            direction="outbound",
            outcome="unanswered",
        )
    )
    await world.has_a_text_due()

    await world.works_until("2026-03-04T14:29Z")
    assert world.sent == []
    assert (await world.touch())["reason"] == "frequency_cap"


async def test_p4_a_contact_at_a_shared_address_counts_however_it_is_written(database: Database) -> None:
    """P4."""
    world = World(database, now=MORNING)
    for person in ("ada", "bob"):
        await world.person(person, phone=None, email="Both@Example.com")
    await world.hears(
        world.happens(
            "contact.recorded",
            to="ada",
            at="2026-03-02T14:30Z",
            contact_id="c1",
            channel="email",
            direction="outbound",
            outcome="delivered",
            address="BOTH@example.com",
        )
    )
    await world.has_a_text_due("bob")

    await world.works()

    assert world.sent == []


async def test_p5_a_touch_that_may_have_gone_out_is_never_repeated_and_counts(database: Database) -> None:
    """P5."""
    world = World(database, now=MORNING)
    await world.person()
    await world.has_a_text_due("ada", "d1")
    world.sms.answers = [Unknown("timeout")]
    await world.works()
    await world.has_a_text_due("ada", "d2")

    await world.works_until("2026-03-03T14:00Z")

    assert len(world.sent) == 1
    assert await world.ledger() == ["unknown"]


async def test_p6_a_policy_that_changed_between_decision_and_call_decides_again(database: Database) -> None:
    """P6."""
    world = World(database, now="2026-03-02T15:30Z")
    await world.person()
    await world.has_a_text_due()
    calls = await world.claims()

    await world.puts_in_force(guidance_of({"policy.yaml": STRICTER}))
    await world.calls(calls)
    await world.works_until("2026-03-02T16:00Z")

    assert world.sent == []
    assert (await world.touch())["until"].isoformat() == "2026-03-03T14:00:00+00:00"


async def test_p6_a_worker_that_follows_another_version_calls_nobody(database: Database) -> None:
    """P6, P11."""
    world = World(database, now=MORNING)
    await world.person()
    await world.has_a_text_due()
    left_behind = world.guidance
    await world.puts_in_force(guidance_of({"policy.yaml": STRICTER}))

    calls = await world.claims(guidance=left_behind)
    await world.calls(calls)

    assert (len(calls), world.sent) == (1, [])


async def test_p6_a_call_is_not_begun_where_its_window_is_about_to_close(database: Database) -> None:
    """P6, P10."""
    world = World(database, now="2026-03-03T01:58Z")
    await world.person()
    await world.has_a_text_due()
    calls = await world.claims()
    assert len(calls) == 1

    world.clock.advance(timedelta(seconds=95))
    await world.calls(calls)

    assert world.sent == []


async def test_p7_a_later_snapshot_never_lifts_what_it_does_not_name(database: Database) -> None:
    """P7."""
    world = World(database, now=MORNING)
    await world.person(email=None)
    await world.answers("STOP")
    held = {"hold_id": "h1", "kind": "attorney_represented"}
    out = {"opt_out_id": "o1", "channel": "email", "at": "2026-03-01T00:00:00Z"}
    await world.person(email="ada@example.com", holds=[held], opt_outs=[out])
    await world.person(email="ada@example.com")
    await world.has_a_text_due()

    await world.works_until("2026-03-04T00:00Z")
    assert await world.called("thank_you") == 0

    stored = await world.asks("SELECT snapshot FROM snapshots")
    assert [each["hold_id"] for each in stored["holds"]] == ["h1"]
    await world.person(email="ada@example.com", lifted_holds=["h1"], lifted=["o1"])
    stored = await world.asks("SELECT snapshot FROM snapshots")
    assert (stored["holds"], stored["opt_outs"]) == ([], [])


async def test_p7_an_opt_out_binds_an_address_however_it_is_written(database: Database) -> None:
    """P7."""
    world = World(database, now=MORNING)
    out = {"opt_out_id": "o1", "channel": "email", "address": "ada@example.com", "at": "2026-03-01T00:00:00Z"}
    await world.person(phone=None, email="Ada@Example.com", opt_outs=[out])
    await world.has_a_text_due()

    await world.works()

    assert world.sent == []


async def test_p8_what_happened_and_what_is_published_commit_together(database: Database) -> None:
    """P8."""
    world = World(database, now=MORNING)
    placed = world.record(world.places(await world.person()))
    offsets = "SELECT count(*) FROM consumed_offsets WHERE topic = 'debts.v1'"

    with world.on(MortalDatabase(database, Fate("commit"))), suppress(WorkerDied):
        await world.reads([placed])
    assert [await world.touches(), await world.published(), await world.asks(offsets)] == [{}, [], 0]

    await world.reads([placed])
    assert len(await world.touches()) == len(await world.published())
    assert await world.asks(offsets) == 1


async def test_p9_whoever_a_malformed_record_names_waits(database: Database) -> None:
    """P9."""
    world = World(database, now=MORNING)
    for person, number in (("ada", "+13125550142"), ("bob", "+13125550143")):
        await world.person(person, phone=number)
        await world.has_a_text_due(person)

    await world.reads([Record("debts.v1", 0, 99, b"ada", b"{", ())])
    await world.works()

    assert [each.to for each in world.sms.sent] == ["+13125550143"]
    assert (await world.touch())["reason"] == "facts_unavailable"


async def test_p10_what_came_too_late_for_its_purpose_is_never_flushed(database: Database) -> None:
    """P10: nobody worked for four weeks."""
    world = World(database, now=MORNING)
    await world.debt(await world.person())
    parts = [{"number": 1, "due_on": "2026-03-20", "amount": usd("80.00")}]
    await world.hears(world.happens("plan.agreed", to="ada", debt_id="d1", plan_id="p1", instalments=parts))

    world.clock.advance(timedelta(days=28))
    await world.works()

    assert await world.called("instalment_reminder") == 0
    assert (await world.touches())["instalment_reminder 2026-03-20:1"] == "expired"


async def test_p10_a_window_that_opens_causes_no_burst(database: Database) -> None:
    """P10."""
    dispatching = Dispatching(spread=timedelta(minutes=10))
    world = World(database, now="2026-03-02T05:00Z", dispatching=dispatching)
    for number in range(20):
        person = await world.person(f"p{number:02}", phone=f"+131255501{number:02}")
        await world.has_a_text_due(person)

    await world.works()

    due = [each["due_at"] for each in await world.rows("SELECT due_at FROM touches WHERE play = 'thank_you'")]
    assert min(due).isoformat() >= "2026-03-02T14:00:00"
    assert max(due).isoformat() < "2026-03-02T14:10:00"
    assert len({each.minute for each in due}) > 4


async def test_p11_files_that_do_not_validate_change_nothing(database: Database, tmp_path: Path) -> None:
    """P11."""
    world = World(database, now=MORNING)
    folder = copytree(SAMPLE, tmp_path / "config")
    metrics = Metrics(prefix="outreach", declared=METRICS)
    in_force = InForce(
        folder=folder, database=database, clock=world.clock, metrics=metrics, spread=timedelta(0)
    )
    await in_force.start()
    before = in_force.guidance()

    (folder / "policy.yaml").write_text("policy: harbor\nrulez: []\n")
    await in_force.tick()
    assert in_force.guidance() is before
    assert b"outreach_config_invalid 1.0" in metrics.render()

    (folder / "policy.yaml").write_text(STRICTER)
    await in_force.tick()
    assert in_force.guidance().policy.version != before.policy.version
    assert await world.asks("SELECT policy FROM config_in_force") == in_force.guidance().policy.version
    assert b"outreach_config_invalid 0.0" in metrics.render()


async def test_p12_eight_in_the_morning_is_eight_after_the_clocks_have_changed(database: Database) -> None:
    """P12: clocks go forward on Sunday, 8 March 2026."""
    world = World(database, now="2026-03-08T02:30Z")
    await world.person(email=None)
    await world.has_a_text_due()

    await world.works()

    assert (await world.touch())["until"].isoformat() == "2026-03-09T13:00:00+00:00"
    assert zoneinfo.TZPATH == ()


async def test_p12_every_zone_the_person_may_be_in_has_to_be_awake(database: Database) -> None:
    """P12: an address in Chicago and a phone number from Los Angeles."""
    world = World(database, now="2026-03-02T14:30Z")
    await world.person(phone="+12135550142", email=None)
    await world.has_a_text_due()

    await world.works()

    assert (await world.touch())["until"].isoformat() == "2026-03-02T16:00:00+00:00"


async def test_p13_no_transaction_and_no_lock_is_held_during_a_call(database: Database) -> None:
    """P13."""
    world = World(database, now=MORNING)
    await world.person()
    await world.has_a_text_due()
    (call,) = await world.claims()

    async with world.slow_call(call):
        open_ = await world.asks(
            """SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND state LIKE 'idle in transaction%'"""
        )
        free = await world.asks("SELECT person_id FROM people FOR UPDATE NOWAIT")

    assert (open_, free) == (0, "ada")


async def test_p14_people_are_in_no_log_and_in_no_number(database: Database, log: StringIO) -> None:
    """P14: a whole story, with what goes wrong in it."""
    world = World(database, now=MORNING)
    ada = await world.person(names={"given": "Adelheid", "family": "Zwiebelfisch"})
    await world.has_a_text_due(ada)
    await world.reads([Record("debts.v1", 0, 99, b"bob", b'{"name": "Zwiebelfisch"}', ())])
    (call,) = await world.claims()
    await world.calls([call])
    await world.told(call, "undelivered", code="21610", opted_out=True)
    await world.answers("I am Zwiebelfisch and I cannot pay")
    await world.answers("STOP")
    await world.unsubscribes()
    await world.debt(ada, "d2")
    world.sms.answers = [Unknown("timeout")]
    await world.works_until("2026-03-20T15:00Z")

    told = log.getvalue()
    assert told.count("\n") > 10
    private = ["delheid", "wiebelfisch", "5550142", "example.com", "cannot pay", "240.00", "NW-d1"]
    private += [text[:40] for text in texts(world.sent)]
    assert [each for each in private if each in told] == []
    assert [
        each for each in private if each in str(await world.rows("SELECT reason, problem FROM quarantine"))
    ] == []
