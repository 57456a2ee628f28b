"""A worker may die anywhere: at each begin, statement and commit, and before, in and after each call."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from foundation import quarantine
from foundation.database import Database
from foundation.records import Record
from outreach.desk import answering, stopping
from outreach.desk import quarantine as desk
from outreach.desk.brakes import cancel_touch
from outreach.model.outcome import NotSent, Refused, Unknown
from outreach.model.words import Channel
from outreach.planning.erase_deferred import erase_deferred
from outreach.sending.volume import VolumeLimits, brake_volume
from tests.support.mortal import Ending, Fate, Moment, MortalDatabase, Work, ends_everywhere
from tests.support.staff import STAFF
from tests.support.story import story_of
from tests.support.world import World, usd

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
#: Half past two: everybody sleeps.
NIGHT = "2026-03-02T08:30Z"

OUTREACH = "outreach/"
GATE = "outreach/sending/gate.py ask"


def phone_of(person: str) -> str:
    return f"+13125550{int(person[1:]):03}"


async def made_known(world: World, person: str) -> None:
    await world.person(person, phone=phone_of(person), email=f"{person}@example.com")


def working(world: World, work: Callable[[], Awaitable[object]]) -> Work:
    """Return work of a world's, to be done on another database."""

    async def on(database: Database) -> None:
        with world.on(database):
            await work()

    return on


# What comes again when its answer is lost: from Kafka, from a vendor, from a person, from staff.


async def reads_a_batch(world: World, person: str) -> Work:
    """What a batch holds of most kinds, with a record in it that nobody can read."""
    number = int(person[1:])
    paid: Any = {"payment_id": "pay1", "amount": usd("40.00"), "balance": usd("200.00")}
    called: Any = {"channel": "voice", "direction": "outbound", "outcome": "unanswered"}
    batch = [
        world.record(world.snapshot(person, phones=[{"number": phone_of(person), "kind": "mobile"}])),
        world.record(world.places(person)),
        Record("debts.v1", 1, number, person.encode(), b"{", ()),
        world.record(world.happens("payment.received", to=person, debt_id="d1", **paid)),
        world.record(world.happens("contact.recorded", to=person, contact_id=person, **called)),
    ]
    return working(world, lambda: world.reads(batch))


async def moved(world: World, person: str) -> Work:
    """A snapshot that lifts by name what a reply had bound, and has another address."""
    await made_known(world, person)
    await world.answers("STOP", phone=phone_of(person), reply_id=f"{person}stop")
    lifted = [f"{person}stop:{person}:sms"]
    snapshot = world.snapshot(person, lifted=lifted, emails=[{"address": f"{person}@example.net"}])
    return working(world, lambda: world.hears(snapshot))


async def erased(world: World, person: str) -> Work:
    """Somebody who has a text due, stopped email and wrote something is erased."""
    await made_known(world, person)
    await world.has_a_text_due(person)
    await world.answers("call me", phone=phone_of(person), reply_id=f"{person}asks")
    await world.unsubscribes(person, f"{person}@example.com")
    event = world.erased(person)
    return working(world, lambda: world.hears(event))


async def to_be_erased(world: World, person: str) -> dict[str, Any]:
    """Make known somebody who disputes a debt; return what erases them."""
    await made_known(world, person)
    await world.hears(world.happens("debt.disputed", to=person, debt_id="d1", dispute_id="x1"))
    await world.answers("call me", phone=phone_of(person), reply_id=f"{person}asks")
    return world.erased(person)


async def erased_while_disputing(world: World, person: str) -> Work:
    """Somebody is to be erased whose debt is disputed."""
    event = await to_be_erased(world, person)
    return working(world, lambda: world.hears(event))


async def erased_after_a_dispute(world: World, person: str) -> Work:
    """What forbade an erasure here is over."""
    await world.hears(await to_be_erased(world, person))
    world.clock.advance(timedelta(minutes=1))
    await world.hears(world.happens("debt.dispute_resolved", to=person, debt_id="d1", dispute_id="x1"))
    return working(world, lambda: erase_deferred(database=world.database, clock=world.clock))


async def a_receipt(world: World, person: str, status: str, **says: Any) -> Work:
    await made_known(world, person)
    await world.has_a_text_due(person)
    (call,) = await world.claims()
    await world.calls([call])
    receipt = world.receipt(call, status, **says)
    return working(world, lambda: world.hears_receipts(receipt))


async def a_receipt_that_stops(world: World, person: str) -> Work:
    return await a_receipt(world, person, "undelivered", code="21610", opted_out=True)


async def a_receipt_of_what_may_go_again(world: World, person: str) -> Work:
    return await a_receipt(world, person, "undelivered", code="30610", may_send_again=True)


async def a_receipt_before_the_answer(world: World, person: str) -> Work:
    await made_known(world, person)
    await world.has_a_text_due(person)
    (call,) = await world.claims()
    await world.calls_and_dies(call)
    receipt = world.receipt(call, "delivered")
    return working(world, lambda: world.hears_receipts(receipt))


def texts(*words: str) -> Callable[[World, str], Awaitable[Work]]:
    """Somebody who has a text due writes these words, the last of them on the mortal database."""

    async def begin(world: World, person: str) -> Work:
        await made_known(world, person)
        await world.has_a_text_due(person)
        for number, each in enumerate(words[:-1]):
            await world.answers(each, phone=phone_of(person), reply_id=f"{person}before{number}")
        says, reply_id = words[-1], f"{person}last"
        return working(world, lambda: world.answers(says, phone=phone_of(person), reply_id=reply_id))

    return begin


async def presses_the_button(world: World, person: str) -> Work:
    await made_known(world, person)
    return working(world, lambda: world.unsubscribes(person, f"{person}@example.com"))


async def a_new_playbook(world: World, person: str) -> Work:
    await made_known(world, person)
    await world.debt(person)
    await world.runs("DELETE FROM touches WHERE person_id = $1", person)
    return working(world, world.replans)


async def a_call_that_may_have_gone_out(world: World, person: str) -> Work:
    await made_known(world, person)
    await world.has_a_text_due(person)
    (call,) = await world.claims()
    await world.calls_and_dies(call)
    world.clock.advance(timedelta(minutes=3))
    return working(world, world.recovers)


async def a_call_that_was_never_made(world: World, person: str) -> Work:
    await made_known(world, person)
    await world.has_a_text_due(person)
    await world.claims()
    world.clock.advance(timedelta(minutes=3))
    return working(world, world.recovers)


async def puts_off(world: World, person: str) -> Work:
    await made_known(world, person)
    await world.has_a_text_due(person)
    return working(world, world.claims)


async def is_paused(world: World, person: str) -> Work:
    await made_known(world, person)
    return working(world, lambda: world.pauses(play=person))


async def goes_on(world: World, person: str) -> Work:
    await made_known(world, person)
    await world.pauses(play=person)
    return working(world, lambda: world.resumes(play=person))


async def leaps(world: World, person: str) -> Work:
    await made_known(world, person)
    begun, limits = Counter({person: 3}), VolumeLimits(least=2)
    return working(
        world, lambda: brake_volume(begun, limits=limits, database=world.database, clock=world.clock)
    )


async def is_cancelled(world: World, person: str) -> Work:
    await made_known(world, person)
    await world.has_a_text_due(person)
    touch_id = (await world.touch(person=person))["touch_id"]
    return working(
        world,
        lambda: cancel_touch(touch_id, actor=STAFF, reason=None, database=world.database, clock=world.clock),
    )


async def is_handed_back(world: World, person: str) -> Work:
    await made_known(world, person)
    await world.has_a_text_due(person)
    await world.answers("please call me", phone=phone_of(person), reply_id=f"{person}call")
    return working(world, lambda: world.releases(person))


async def unreadable(world: World, person: str, value: bytes) -> quarantine.QuarantinedRecord:
    await made_known(world, person)
    await world.reads([Record("debts.v1", 2, int(person[1:]), person.encode(), value, STRUCTURED)])
    async with world.database.transaction() as connection:
        (kept,) = await quarantine.list_open(connection)
    return kept


async def is_open(world: World, record_id: int) -> bool:
    """Tell whether a record still waits: whoever repeats a decision looks first."""
    row = await world.rows("SELECT 1 FROM quarantine WHERE id = $1 AND state = 'open'", record_id)
    return bool(row)


async def is_asked_about(world: World, person: str) -> Work:
    """A payment of a debt that nobody placed for an hour."""
    await made_known(world, person)
    money: Any = {"payment_id": "pay1", "amount": usd("40.00"), "balance": usd("200.00")}
    await world.hears(world.happens("payment.received", to=person, debt_id=f"of-{person}", **money))
    world.clock.advance(timedelta(hours=2))
    return working(world, world.asks_publishers)


STRUCTURED = (("content-type", b"application/cloudevents+json"),)


async def is_replayed(world: World, person: str) -> Work:
    """An event from the future, read once more when its time has come."""
    soon = {**world.places(person), "time": (world.clock.now() + timedelta(minutes=6)).isoformat()}
    kept = await unreadable(world, person, msgspec.json.encode(soon))
    world.clock.advance(timedelta(minutes=10))

    async def replay() -> None:
        if await is_open(world, kept.id):
            playbook, database = world.guidance.playbook, world.database
            await desk.replay(kept.id, actor=STAFF, database=database, playbook=playbook, clock=world.clock)

    return working(world, replay)


async def is_dismissed(world: World, person: str) -> Work:
    kept = await unreadable(world, person, b"{")

    async def dismiss() -> None:
        if await is_open(world, kept.id):
            await desk.dismiss(kept.id, actor=STAFF, database=world.database, clock=world.clock)

    return working(world, dismiss)


async def is_stopped_by_phone(world: World, person: str) -> Work:
    await made_known(world, person)

    async def told() -> None:
        await stopping.stop(person, channels=(), actor=STAFF, database=world.database, clock=world.clock)

    return working(world, told)


async def is_answered_by_a_human(world: World, person: str) -> Work:
    await made_known(world, person)
    await world.answers("call me", phone=phone_of(person))

    async def answer() -> None:
        await answering.answer_person(
            person, text="We hear you.", wording=None, actor=STAFF, guidance=world.guidance,
            database=world.database, clock=world.clock,
        )  # fmt: skip

    return working(world, answer)


async def is_found_mistaken(world: World, person: str) -> Work:
    await made_known(world, person)
    await stopping.stop(
        person, channels=[Channel.VOICE], actor=STAFF, database=world.database, clock=world.clock
    )
    stops = await stopping.list_stops(person, database=world.database)

    async def found() -> None:
        await stopping.mark_mistaken(
            stops, actor=STAFF, why="w", evidence="e", database=world.database, clock=world.clock
        )

    return working(world, found)


@dataclass(frozen=True)
class Deed:
    """Something done about one person, and the functions that open a transaction for it."""

    begin: Callable[[World, str], Awaitable[Work]]
    opens: frozenset[str]
    at: str = MORNING


def deed(begin: Callable[[World, str], Awaitable[Work]], *opens: str, at: str = MORNING) -> Deed:
    return Deed(begin, frozenset(OUTREACH + each for each in opens), at)


REPLIES = ("listening/replies.py hear_reply", "listening/replies.py bind_reply")

DEEDS = {
    "a batch": deed(reads_a_batch, "planning/ingest.py ingest"),
    "a snapshot that lifts": deed(moved, "planning/ingest.py ingest"),
    "an erasure": deed(erased, "planning/ingest.py ingest"),
    "an erasure that waits": deed(erased_while_disputing, "planning/ingest.py ingest"),
    "an erasure that waited": deed(erased_after_a_dispute, "planning/erase_deferred.py erase_deferred"),
    "a receipt that stops": deed(a_receipt_that_stops, "listening/receipts.py hear_receipts"),
    "a receipt of what may go again": deed(
        a_receipt_of_what_may_go_again, "listening/receipts.py hear_receipts"
    ),
    "a receipt before the answer": deed(a_receipt_before_the_answer, "listening/receipts.py hear_receipts"),
    "STOP": deed(texts("STOP"), *REPLIES),
    "START": deed(texts("STOP", "START"), *REPLIES),
    "HELP": deed(texts("HELP"), *REPLIES),
    "something for a human": deed(texts("this is not me"), *REPLIES),
    "the button": deed(
        presses_the_button, "listening/unsubscribe.py unsubscribe", "listening/unsubscribe.py _bind"
    ),
    "a new playbook": deed(a_new_playbook, "planning/replan.py replan_everybody"),
    "recovery of a call": deed(a_call_that_may_have_gone_out, "sending/recover.py recover"),
    "recovery of no call": deed(a_call_that_was_never_made, "sending/recover.py recover"),
    "a claim at night": deed(puts_off, "sending/claim.py claim_due_touches", at=NIGHT),
    "a pause": deed(is_paused, "desk/brakes.py pause"),
    "the end of a pause": deed(goes_on, "desk/brakes.py resume"),
    "the volume brake": deed(leaps, "sending/volume.py brake_volume"),
    "a cancellation": deed(is_cancelled, "desk/brakes.py cancel_touch"),
    "a hand-back": deed(is_handed_back, "desk/releasing.py release_person"),
    "a stop by phone": deed(is_stopped_by_phone, "desk/stopping.py stop"),
    "an answer by a human": deed(is_answered_by_a_human, "desk/answering.py answer_person"),
    "a mistake": deed(is_found_mistaken, "desk/stopping.py mark_mistaken"),
    "a replay": deed(is_replayed, "desk/quarantine.py replay"),
    "a question": deed(is_asked_about, "planning/ask_publishers.py ask_what_is_due"),
    "a dismissal": deed(is_dismissed, "desk/quarantine.py dismiss"),
}


@pytest.mark.parametrize("name", DEEDS)
async def test_what_comes_again_ends_as_if_nobody_had_died(database: Database, name: str) -> None:
    """The same is done again after the end, as Kafka, vendors, people and staff do who got no answer."""
    world, done = World(database, now=DEEDS[name].at), DEEDS[name]
    works: dict[str, Work] = {}
    before: dict[str, object] = {}
    stories: dict[str, object] = {}

    async def begin(person: str) -> Work:
        works[person] = await done.begin(world, person)
        before[person] = await story_of(world, person)
        return works[person]

    async def again(person: str) -> None:
        await works[person](database)
        stories[person] = await story_of(world, person)

    fates = await ends_everywhere(database, begin=begin, again=again)

    undisturbed = list(fates)[-1]
    expected = await story_of(world, undisturbed)
    assert expected != before[undisturbed], "nothing was done"
    for person, story in stories.items():
        assert story == expected, f"it ended at {fates[person].moments[-1]}"
    assert fates[undisturbed].places == done.opens
    # Begin, at least one statement, commit, committed: of each transaction.
    assert len(stories) >= 4 * len(done.opens)
    await assert_nobody_was_harmed(world, list(fates))


OUTCOMES = {
    "accepted": None,
    "unknown": Unknown("timeout"),
    "refused": Refused("21610", opted_out=True),
    "not sent": NotSent("20003", retry_after=None, our_fault=True),
}


@pytest.mark.parametrize(
    ("name", "ending"),
    [*((each, "death") for each in OUTCOMES), ("accepted", "outage"), ("not sent", "outage")],
)
async def test_dispatch_may_die_anywhere(database: Database, name: str, ending: Ending) -> None:
    """Recover, claim, gate, call, settle, and the claim that finds nothing more."""
    world, outcome = World(database, now=MORNING), OUTCOMES[name]

    async def begin(person: str) -> Work:
        await made_known(world, person)
        await world.has_a_text_due(person)

        async def dispatch(mortal: Database) -> None:
            assert isinstance(mortal, MortalDatabase)
            world.sms.passes = mortal.fate.passes if ending == "death" else lambda _: None
            world.sms.answers = [outcome] if outcome else []
            with world.on(mortal):
                await world.works()

        return dispatch

    async def somebody_else_takes_over(_: str) -> None:
        world.sms.passes, world.sms.answers = lambda _: None, []
        world.clock.advance(timedelta(minutes=3))
        await world.works()

    fates = await ends_everywhere(database, begin=begin, again=somebody_else_takes_over, ending=ending)
    world.sms.passes, world.sms.answers = lambda _: None, []
    await world.works_until("2026-03-02T23:00Z")

    *_, fate = fates.values()
    assert fate.places == {
        "outreach/sending/recover.py recover",
        "outreach/sending/claim.py claim_due_touches",
        "outreach/sending/gate.py ask",
        "outreach/sending/settle.py settle",
    }
    reached = {each.to for each in world.sms.sent}
    never_handed_over = {each for each in fates if phone_of(each) not in reached}
    # Who ends between the gate and the call may have called: that touch, and no other, is given up.
    given_up = {Moment("committed", GATE), Moment("call")}
    assert never_handed_over == {each for each, ended in fates.items() if ends_at(ended) in given_up}
    assert len(never_handed_over) == (2 if ending == "death" else 1)
    for person in never_handed_over:
        assert await world.status(person) == "unknown"
    await assert_nobody_was_harmed(world, list(fates), may_repeat=name == "not sent")


def ends_at(fate: Fate) -> Moment | None:
    return fate.moments[-1] if fate.ended else None


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


async def assert_nobody_was_harmed(world: World, people: list[str], *, may_repeat: bool = False) -> None:
    """Nobody got a touch twice, nothing sent is missing in the ledger, nothing is left hanging."""
    sent = [str(each.attempt_id) for each in world.sent]
    of_touch = [
        each["touch_id"]
        for each in await world.rows("SELECT touch_id FROM attempts WHERE attempt_id::text = ANY($1)", sent)
    ]
    assert len(of_touch) == len(sent)
    if not may_repeat:
        assert len(of_touch) == len(set(of_touch))
    uncounted = await world.asks(
        """SELECT count(*) FROM attempts LEFT JOIN contacts USING (attempt_id)
            WHERE attempt_id::text = ANY($1) AND receipt IS NULL
              AND contacts.outcome IS DISTINCT FROM attempts.outcome""",
        sent,
    )
    assert uncounted == 0
    assert await world.asks("SELECT count(*) FROM attempts WHERE settled_at IS NULL") == 0
    assert await world.asks("SELECT count(*) FROM touches WHERE status = 'sending'") == 0
    gaps = await world.asks(
        """SELECT count(*)
             FROM (SELECT sequence, row_number() OVER (PARTITION BY topic, key ORDER BY position) AS nth
                     FROM outbox WHERE key = ANY($1)) AS entries
            WHERE sequence <> nth""",
        people,
    )
    assert gaps == 0
