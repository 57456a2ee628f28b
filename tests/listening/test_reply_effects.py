"""What a reply leads to, worked out from facts alone: no database, no clock."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from outreach.listening.answer import CONFIRMS_WITHIN
from outreach.listening.reply import Reply, ReplyEffects, ReplyFacts
from outreach.listening.reply_effects import meaning_of, reply_effects
from outreach.model.debt import Debt
from outreach.model.reply import PastMessage
from outreach.model.suppression import Suppression
from outreach.model.words import Channel, Purpose
from outreach.understanding.kinds import Kind
from outreach.understanding.meaning import Understanding
from tests.policy.builders import at

NOW = at("2026-03-02T15:00Z")
NUMBER = "+13125550142"


def effects_of(
    text: str,
    *,
    people: tuple[str, ...] = ("ada", "bob"),
    liftable: tuple[Suppression, ...] = (),
    confirmed_by_vendor: bool = False,
    after: timedelta = timedelta(0),
) -> ReplyEffects:
    reply = Reply(
        reply_id="r",
        channel=Channel.SMS,
        address=NUMBER,
        text=text,
        received_at=NOW - after,
        confirmed_by_vendor=confirmed_by_vendor,
    )
    facts = ReplyFacts(
        people=people,
        debts=[Debt(person_id=person, debt_id=f"{person}-1") for person in people],
        liftable=liftable,
        digest="5d0f",
    )
    return reply_effects(reply, meaning_of(reply, facts), facts=facts, now=NOW)


def stop(person: str | None) -> Suppression:
    return Suppression(
        suppression_id=f"old:{person}",
        person_id=person,
        address=NUMBER,
        channel=Channel.SMS,
        kind="opted_out",
        at=NOW,
    )


def types(effects: ReplyEffects) -> list[tuple[str, str]]:
    return [(event.type, event.key) for event in effects.events]


def test_a_stop_closes_the_number_for_everybody_known_at_it_and_is_confirmed_once() -> None:
    effects = effects_of("STOP")

    assert [(closed.person_id, closed.address, closed.kind) for closed in effects.closed] == [
        ("ada", NUMBER, "opted_out"),
        ("bob", NUMBER, "opted_out"),
    ]
    assert effects.answer is not None
    assert (effects.answer.person_id, effects.answer.purpose) == ("ada", Purpose.OPT_OUT_CONFIRMATION)
    assert types(effects) == [
        ("reply.received.v1", "ada"),
        ("reply.received.v2", "ada"),
        ("reply.received.v1", "bob"),
        ("reply.received.v2", "bob"),
        ("suppression.recorded.v1", "ada"),
        ("suppression.recorded.v1", "bob"),
        ("touch.planned.v1", "ada"),
    ]
    assert set(effects.contacts) == {"ada", "bob"}


def test_a_stop_from_a_number_of_nobody_closes_the_number_alone_and_goes_to_a_human() -> None:
    effects = effects_of("STOP", people=())

    assert [(closed.person_id, closed.address) for closed in effects.closed] == [(None, NUMBER)]
    assert effects.kept.needs_human
    assert (effects.answer, effects.contacts) == (None, {})
    # Told by its digest, so that a lost database closes it again.
    assert [(event.type, event.key) for event in effects.events] == [("address.closed.v1", "address:5d0f")]


def test_a_start_lifts_what_it_may_and_closes_nothing() -> None:
    effects = effects_of("START", people=("ada",), liftable=(stop("ada"), stop(None)))

    assert [lifted.suppression_id for lifted in effects.lifted] == ["old:ada", "old:None"]
    assert effects.closed == []
    assert types(effects) == [
        ("reply.received.v1", "ada"),
        ("reply.received.v2", "ada"),
        ("suppression.lifted.v1", "ada"),
        ("address.opened.v1", "address:5d0f"),
        ("touch.planned.v1", "ada"),
    ]


@pytest.mark.parametrize("text", ["STOP", "HELP", "I paid this last week"])
def test_nothing_but_a_start_lifts_anything(text: str) -> None:
    assert list(effects_of(text, liftable=(stop("ada"),)).lifted) == []


def test_what_nobody_understands_holds_everybody_for_a_human_and_only_the_reply_is_told() -> None:
    effects = effects_of("what is this about")

    assert [(closed.person_id, closed.address, closed.kind) for closed in effects.closed] == [
        ("ada", None, "with_human"),
        ("bob", None, "with_human"),
    ]
    assert effects.kept.needs_human
    assert effects.answer is None
    assert [(hand_off.person_id, hand_off.since) for hand_off in effects.hand_offs] == [
        ("ada", NOW),
        ("bob", NOW),
    ]
    assert {type_ for type_, _ in types(effects)} == {
        "reply.received.v1",
        "reply.received.v2",
        "human.needed.v1",
    }


def test_what_the_vendor_confirmed_or_what_comes_too_late_is_not_confirmed() -> None:
    assert effects_of("STOP", confirmed_by_vendor=True).answer is None
    assert effects_of("STOP", after=CONFIRMS_WITHIN).answer is None
    assert effects_of("STOP", after=CONFIRMS_WITHIN - timedelta(seconds=1)).answer is not None


def test_each_hears_of_their_own_debts_only() -> None:
    told = {event.key: event.data["debts"] for event in effects_of("HELP").events if "reply" in event.type}

    assert told == {"ada": ["ada-1"], "bob": ["bob-1"]}


QUESTION = PastMessage(
    attempt_id=UUID(int=1),
    person_id="ada",
    address="ada@example.com",
    channel=Channel.EMAIL,
    at=NOW - timedelta(days=2),
    play="ask",
    wording="consent_request",
    purpose=Purpose.CONSENT_REQUEST,
    text="May we text you?",
)


def answered(text: str, **more: object) -> ReplyEffects:
    """Return what follows from an answer to our question for consent, after a stop by text."""
    reply = Reply(reply_id="r", channel=Channel.SMS, address=NUMBER, text=text, received_at=NOW)
    known = ReplyFacts(
        people=("ada",),
        debts=(),
        liftable=(stop("ada"),),
        stopped_at=NOW - timedelta(days=9),
        past=[QUESTION],
    )
    reply, facts = replace(reply, **more), known  # type: ignore[arg-type]
    return reply_effects(reply, meaning_of(reply, facts), facts=facts, now=NOW)


def test_yes_to_our_question_opens_the_number_and_is_a_consent_with_its_evidence() -> None:
    effects = answered("Yes")

    assert [lifted.suppression_id for lifted in effects.lifted] == ["old:ada"]
    (consent,) = [event for event in effects.events if event.type == "consent.recorded.v1"]
    assert (consent.data["channel"], consent.data["address"]) == ("sms", NUMBER)
    assert (consent.data["text"], consent.data["wording"]) == ("Yes", "consent_request")


@pytest.mark.parametrize("more", [{"is_proven": False}, {"automatic": "auto_reply"}])
def test_yes_of_anybody_or_a_program_is_no_consent(more: dict[str, object]) -> None:
    effects = answered("Yes", **more)

    assert list(effects.lifted) == []
    assert [event for event in effects.events if event.type == "consent.recorded.v1"] == []


def test_whoever_has_never_heard_of_a_creditor_of_ours_is_no_stranger() -> None:
    reply = Reply(
        reply_id="r", channel=Channel.SMS, address=NUMBER, text="Never heard of Northwind", received_at=NOW
    )
    known = ReplyFacts(people=("ada",), debts=(), liftable=(), our_names=("Northwind Energy",))
    unknown = ReplyFacts(people=("ada",), debts=(), liftable=())

    assert not meaning_of(reply, known).closes
    assert meaning_of(reply, unknown).closes_address


def test_an_address_that_others_read_is_closed_to_everything_and_no_start_opens_it() -> None:
    reply = Reply(reply_id="r", channel=Channel.SMS, address=NUMBER, text="?", received_at=NOW)
    facts = ReplyFacts(people=("ada",), debts=(), liftable=())
    meaning = Understanding(
        kinds=(Kind.SAFETY,), closes=frozenset({Channel.SMS}), closes_address=True, doubtful=True
    )

    effects = reply_effects(reply, meaning, facts=facts, now=NOW)

    assert {(closed.kind, closed.address) for closed in effects.unsafe} == {
        ("opted_out", NUMBER),
        ("unsafe", NUMBER),
    }
    assert (effects.answer, effects.hand_offs[0].urgency) == (None, "crisis")
    unsafe = replace(facts, is_unsafe=True, liftable=(stop("ada"),))
    start = replace(reply, text="START")
    opened = reply_effects(start, meaning_of(start, unsafe), facts=unsafe, now=NOW)
    assert (list(opened.lifted), opened.answer, opened.kept.needs_human) == ([], None, True)
