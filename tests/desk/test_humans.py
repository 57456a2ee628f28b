"""People who wait for a human: listed with what was said, answered, and handed back by whoever decides."""

from datetime import timedelta
from typing import Any

import pytest

from foundation import acts
from foundation.acts import Actor, KnownBy
from foundation.database import Database
from outreach.desk.answering import Answer, CannotAnswer, UnusableText, answer_person
from outreach.desk.releasing import Decided
from outreach.desk.stopping import UnknownSubject, list_stops, mark_mistaken, stop
from outreach.desk.waiting import WaitingPerson, list_people_waiting
from outreach.model.words import Channel, HoldKind
from outreach.understanding.kinds import Urgency
from tests.support.staff import STAFF
from tests.support.world import World, texts

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
GRACE = Actor(name="grace", known_by=KnownBy.TOKEN)


async def a_world(database: Database) -> World:
    world = World(database, now=MORNING)
    await world.person()
    await world.debt("ada")
    return world


async def waiting(world: World, **narrowed: Any) -> list[WaitingPerson]:
    return await list_people_waiting(world.database, **narrowed)


async def answers(world: World, person: str = "ada", text: str | None = "We hear you.") -> Answer:
    return await answer_person(
        person,
        text=text,
        wording=None if text is not None else "reply_acknowledgement",
        actor=GRACE,
        guidance=world.guidance,
        database=world.database,
        clock=world.clock,
    )


async def test_whoever_waits_is_listed_with_what_was_said_what_is_closed_and_the_hold_that_fits(
    database: Database,
) -> None:
    world = await a_world(database)
    await world.works_until("2026-03-02T17:00Z")
    await world.answers("I can't pay, I am broke")

    (ada,) = await waiting(world)

    assert (ada.person_id, ada.creditors, ada.holds) == ("ada", ["northwind"], ["with_human"])
    assert [(line.by_us, line.channel) for line in ada.conversation] == [(True, "email"), (False, "sms")]
    assert ada.conversation[-1].text == "I can't pay, I am broke"
    assert ada.offered_hold is not None
    assert ada.offered_hold.kind is HoldKind.HARDSHIP
    assert ada.answer_by is not None
    assert ada.answer_by > world.clock.now()


async def test_a_crisis_stands_first_and_the_others_by_age(database: Database) -> None:
    world = World(database, now=MORNING)
    for number, text in enumerate(("call me", "what is this", "I want to kill myself", "how much?")):
        await world.person(f"p{number}", phone=f"+1312555010{number}", email=None)
        await world.answers(text, phone=f"+1312555010{number}")
        world.clock.advance(timedelta(minutes=5))
    await world.runs("UPDATE hand_offs SET urgency = 'crisis' WHERE person_id = 'p2'")

    assert [one.person_id for one in await waiting(world)] == ["p2", "p0", "p1", "p3"]
    assert [one.person_id for one in await waiting(world, urgency=Urgency.CRISIS)] == ["p2"]
    assert await waiting(world, creditor="northwind") == []


async def test_a_human_answers_while_everything_else_waits(database: Database) -> None:
    world = await a_world(database)
    await world.has_a_text_due()
    await world.answers("who is this??? call me")

    answer = await answers(world)
    await world.works_until("2026-03-02T17:00Z")

    assert [said.explanation.decision.__class__.__name__ for said in answer.answers] == ["Send"]
    (text,) = texts(world.sms.sent)
    assert "We hear you." in text
    assert world.email.sent == []
    assert len(await waiting(world)) == 1, "they wait until somebody hands them back"
    (row,) = await world.rows(
        "SELECT purpose, details->'answer'->>'by' AS by FROM touches WHERE play = 'answer'"
    )
    assert tuple(row.values()) == ("human_reply", "grace")


@pytest.mark.parametrize("text", ["", "  \n", "\u200b", "Hello {{ given_name }}", "{% if x %}", "{# note #}"])
async def test_no_answer_is_planned_that_cannot_be_sent_as_it_is_written(
    database: Database, text: str
) -> None:
    world = await a_world(database)
    await world.answers("call me")

    with pytest.raises(UnusableText):
        await answers(world, text=text)

    assert await world.asks("SELECT count(*) FROM touches WHERE play = 'answer'") == 0


async def test_the_same_answer_to_the_same_message_goes_out_once(database: Database) -> None:
    world = await a_world(database)
    await world.answers("call me")

    first = await answers(world)
    again = await answers(world, text=" We hear  you.")
    await world.works()
    after = await answers(world)
    await world.works()

    assert (first.is_new, again.is_new, after.is_new) == (True, False, False)
    assert first.touch_id == again.touch_id == after.touch_id
    assert len(texts(world.sms.sent)) == 1


async def test_an_answer_that_was_given_up_and_other_words_are_planned_anew(database: Database) -> None:
    world = await a_world(database)
    await world.answers("call me")
    first = await answers(world)
    await world.runs("UPDATE touches SET status = 'cancelled' WHERE play = 'answer'")

    again, other = await answers(world), await answers(world, text="When suits you?")

    assert again.is_new
    assert other.is_new
    assert len({first.touch_id, again.touch_id, other.touch_id}) == 3


async def test_a_wording_is_an_answer_too(database: Database) -> None:
    world = await a_world(database)
    await world.answers("call me")

    await answers(world, text=None)
    await world.works()

    (text,) = texts(world.sms.sent)
    assert "A person at Harbor Recovery will read it" in text


async def test_no_human_answers_past_a_stop(database: Database) -> None:
    world = await a_world(database)
    await world.answers("Stop. And call my lawyer about the scam")
    await stop("ada", channels=[Channel.SMS], actor=GRACE, database=world.database, clock=world.clock)

    answer = await answers(world)
    await world.works_until("2026-03-05T17:00Z")

    assert world.sms.sent == []
    assert answer.answers[0].explanation.decision.__class__.__name__ == "Suppress"


async def test_nobody_is_answered_who_did_not_write_or_wrote_long_ago(database: Database) -> None:
    world = await a_world(database)
    with pytest.raises(CannotAnswer, match="nothing that ada wrote waits"):
        await answers(world)
    await world.answers("call me")
    world.clock.advance(timedelta(days=7))

    with pytest.raises(CannotAnswer, match="more than seven days old"):
        await answers(world)


@pytest.mark.parametrize(
    ("decided", "closed"),
    [
        (Decided.NONE, set()),
        (Decided.STOP_THIS, {("sms", "opted_out")}),
        (Decided.STOP_ALL, {(channel, "opted_out") for channel in Channel}),
        (Decided.WRONG_PERSON, {("sms", "wrong_party")}),
    ],
)
async def test_what_a_human_took_an_answer_for_binds_as_the_wait_ends(
    database: Database, decided: Decided, closed: set[tuple[str, str]]
) -> None:
    world = await a_world(database)
    await world.answers("hmm what")

    assert await world.releases("ada", decided) == 1

    rows = await world.rows("SELECT channel, kind FROM suppressions WHERE lifted_at IS NULL")
    assert {tuple(row.values()) for row in rows} == closed
    assert await waiting(world) == []
    (done,) = await world.rows("SELECT data FROM outbox WHERE type = 'human.done.v1'")
    assert (done["data"]["decided"], done["data"]["by"]) == (decided, str(STAFF))


async def test_a_wrong_number_is_wrong_for_everybody_who_has_it(database: Database) -> None:
    world = World(database, now=MORNING)
    for person in ("ada", "bob"):
        await world.person(person, email=None)
    await world.answers("hmm what")

    await world.releases("ada", Decided.WRONG_PERSON)

    rows = await world.rows(
        "SELECT person_id FROM suppressions WHERE kind = 'wrong_party' ORDER BY person_id"
    )
    assert [row["person_id"] for row in rows] == ["ada", "bob"]
    assert [one.person_id for one in await waiting(world)] == ["bob"]


async def test_a_hold_takes_the_place_of_the_wait_and_ends_by_itself(database: Database) -> None:
    world = await a_world(database)
    await world.has_a_text_due()
    await world.answers("lost my job")

    await world.releases("ada", Decided.HOLD, hold=HoldKind.HARDSHIP, lasts=timedelta(days=2))
    await world.works_until("2026-03-04T14:00Z")
    assert world.sent == []
    (told,) = await world.rows("SELECT data->'hold' AS hold FROM outbox WHERE type = 'human.done.v1'")
    assert (told["hold"]["kind"], told["hold"]["until"]) == ("hardship", "2026-03-04T15:00:00Z")

    await world.works_until("2026-03-05T18:00Z")
    assert world.sent != []


async def test_a_stop_told_by_phone_binds_at_once(database: Database) -> None:
    world = await a_world(database)
    await world.has_a_text_due()

    stopped = await stop("ada", channels=(), actor=GRACE, database=world.database, clock=world.clock)
    await world.works_until("2026-03-04T18:00Z")

    assert (list(stopped.people), set(stopped.channels)) == (["ada"], set(Channel))
    assert world.sent == []
    assert await world.asks("SELECT count(*) FROM suppressions WHERE recorded_by = 'grace'") == 4
    assert "suppression.recorded" in await world.published("outreach.replies.v1")


@pytest.mark.parametrize(
    ("address", "channels"),
    [("+1 (312) 555-0142", (Channel.SMS, Channel.VOICE)), ("Ada@Example.com", (Channel.EMAIL,))],
)
async def test_an_address_is_closed_for_everybody_who_has_it(
    database: Database, address: str, channels: tuple[Channel, ...]
) -> None:
    world = await a_world(database)
    await world.person("bob")

    stopped = await stop(address, channels=(), actor=GRACE, database=world.database, clock=world.clock)

    assert (list(stopped.people), stopped.channels) == (["ada", "bob"], channels)
    async with database.transaction() as connection:
        done = await acts.list_acts(connection, limit=10)
    assert {(act.act, act.subject) for act in done} == {("stop", "ada"), ("stop", "bob")}


async def test_an_address_that_nobody_has_yet_is_closed_for_whoever_gets_it(database: Database) -> None:
    world = World(database, now=MORNING)
    await stop("+13125550142", channels=(), actor=GRACE, database=world.database, clock=world.clock)
    assert await world.published("outreach.replies.v1") == ["address.closed"] * 2  # texts and calls

    await world.person(email=None)
    await world.has_a_text_due()
    await world.works_until("2026-03-04T18:00Z")

    assert world.sent == []


async def test_a_stop_for_nobody_protects_nobody_and_says_so(database: Database) -> None:
    world = World(database, now=MORNING)

    with pytest.raises(UnknownSubject):
        await stop("nobody", channels=(), actor=GRACE, database=world.database, clock=world.clock)


async def test_a_stop_recorded_by_mistake_stays_on_record_and_binds_nobody(database: Database) -> None:
    world = await a_world(database)
    await world.has_a_text_due()
    await world.answers("STOP")

    found = await list_stops("ada", database=world.database)
    ids = await mark_mistaken(
        found,
        actor=GRACE,
        why="the test phone",
        evidence="call 7",
        database=world.database,
        clock=world.clock,
    )
    await world.works_until("2026-03-04T18:00Z")

    assert ids == [found[0].suppression_id]
    (row,) = await world.rows(
        """SELECT lifted_at, mistaken_by, mistaken_why, mistaken_evidence
             FROM suppressions WHERE kind = 'opted_out'"""
    )
    assert tuple(row.values()) == (None, "grace", "the test phone", "call 7")
    assert any("Thank you" in text or "received" in text for text in texts(world.sms.sent))
    assert "suppression.lifted" in await world.published("outreach.replies.v1")


async def test_what_a_person_closed_with_their_own_hand_is_no_mistake(database: Database) -> None:
    world = await a_world(database)
    await world.unsubscribes()

    found = await list_stops("ada", database=world.database)
    assert (
        await mark_mistaken(
            found, actor=GRACE, why="?", evidence="?", database=world.database, clock=world.clock
        )
        == []
    )


async def test_what_nobody_known_wrote_waits_under_the_name_of_the_reply(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.answers("who are you people", phone="+13125550177", reply_id="SM77")

    (stranger,) = await waiting(world)
    assert (stranger.person_id, stranger.subject) == (None, "SM77")
    await world.releases("SM77", Decided.STOP_THIS)

    assert await waiting(world) == []
    assert await world.asks("SELECT address FROM suppressions WHERE kind = 'opted_out'") == "+13125550177"
