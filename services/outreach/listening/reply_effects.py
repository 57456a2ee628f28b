"""What a reply leads to. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from foundation.outbox import OutgoingEvent
from outreach.announcing import touches as announce
from outreach.announcing.replies import received
from outreach.announcing.suppressions import (
    closed_addresses,
    closed_nobodys_address,
    opened_addresses,
    opened_nobodys_address,
)
from outreach.model.contact import Contact
from outreach.model.debt import Debt
from outreach.model.playbook import ANSWERS, PRIORITIES
from outreach.model.reply import KeptReply
from outreach.model.suppression import Suppression
from outreach.model.touch import DesiredTouch
from outreach.model.words import Channel, Direction, HoldKind, Purpose, Role
from outreach.understanding.kinds import Kind
from outreach.understanding.meaning import Understanding
from outreach.understanding.understand import understand
from schemas.addresses import comparable

#: 47 CFR 64.1200(a)(12): one confirmation, presumed covered by consent for five minutes.
CONFIRMS_WITHIN = timedelta(minutes=5)

#: A reply to the person passes their hours for a day (policy-cases: purposes).
ANSWERS_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A message from a person.

    `confirmed_by_vendor`: the vendor has answered the keyword itself. `stopped_at_vendor` and
    `started_at_vendor`: the vendor took it for a stop or a start, perhaps by a keyword of the
    agency's own that only it knows.
    """

    reply_id: str
    channel: Channel
    address: str
    text: str
    received_at: datetime
    confirmed_by_vendor: bool = False
    stopped_at_vendor: bool = False
    started_at_vendor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyFacts:
    """What is known when a reply comes.

    `people` are those it may come from, `debts` what they owe, `liftable` what a START at the
    reply's address takes back, and `digest` how that address is told to others.
    """

    people: Sequence[str]
    debts: Sequence[Debt]
    liftable: Sequence[Suppression]
    digest: str

    def debts_of(self, person: str) -> list[str]:
        """Return the ids of what this person owes."""
        return [debt.debt_id for debt in self.debts if debt.person_id == person]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyEffects:
    """What a reply that was never heard before leads to, all of which is recorded at once.

    `contacts` go into the ledger, by person. `closed` and `lifted` are the suppressions that begin
    and end with it, `answer` is the touch that a keyword gets, and `events` are what others hear.
    """

    kept: KeptReply
    contacts: Mapping[str, Contact]
    closed: Sequence[Suppression]
    lifted: Sequence[Suppression]
    answer: DesiredTouch | None
    events: Sequence[OutgoingEvent]


def reply_effects(reply: Reply, meaning: Understanding, *, facts: ReplyFacts, now: datetime) -> ReplyEffects:
    """Return all that a reply leads to, for everybody it may come from.

    An opt-out closes the channel for all of them, and the number itself. START takes back what
    STOP took. HELP is answered. Anything else pauses automation until a human lifts it.
    """
    people = facts.people
    bound: Sequence[str | None] = people or [None]
    closed = [suppression for person in bound for suppression in _suppressions_of(reply, meaning, person)]
    lifted = facts.liftable if Kind.OPT_IN in meaning.kinds else ()
    answer = _answer_to(reply, meaning, facts=facts, now=now)
    kept = KeptReply(
        reply_id=reply.reply_id,
        person_id=people[0] if people else None,
        channel=reply.channel,
        address=reply.address,
        text=reply.text,
        understood=meaning.understood,
        needs_human=meaning.needs_human or not people,
        received_at=reply.received_at,
    )
    events = [
        received(kept, person_id=person, debts=facts.debts_of(person), digest=facts.digest, now=now)
        for person in people
    ]
    events += _suppression_events(closed, lifted, digest=facts.digest, now=now)
    if answer is not None:
        events.append(announce.planned(answer, now=now))
    contact = Contact(at=reply.received_at, channel=reply.channel, direction=Direction.INBOUND)
    return ReplyEffects(
        kept=kept,
        contacts=dict.fromkeys(people, contact),
        closed=closed,
        lifted=lifted,
        answer=answer,
        events=events,
    )


def meaning_of(reply: Reply) -> Understanding:
    """Understand the text; where the vendor heard a stop or a start and we do not, it is one all the same.

    A stop that we hear ourselves is never overruled.
    """
    # As long as nobody says what a reply answers, a bare "yes" is taken for the answer to our confirmation.
    meaning = understand(reply.text, channel=reply.channel, after="opt_out_confirmation")
    if reply.stopped_at_vendor:
        return meaning.stopped(reply.channel)
    if reply.started_at_vendor and Kind.OPT_OUT not in meaning.kinds:
        return Understanding(kinds=(Kind.OPT_IN,))
    return meaning


def _suppressions_of(reply: Reply, meaning: Understanding, person: str | None) -> Iterator[Suppression]:
    """Yield what a message binds: the channels it closes, the number it is wrong for, the wait for a human.

    A START binds nothing. Without a person the rest binds the number alone: whoever has it from
    now on is not texted.
    """
    if Kind.OPT_IN in meaning.kinds:
        return
    address = comparable(reply.address)
    who = person or "nobody"
    if Kind.OPT_OUT in meaning.kinds:
        for channel in sorted(meaning.closes):
            at_address = address if channel is reply.channel else None
            if person is not None or at_address is not None:
                yield Suppression.opt_out(
                    f"{reply.reply_id}:{who}:{channel}",
                    person_id=person,
                    address=at_address,
                    channel=channel,
                    at=reply.received_at,
                )
    if Kind.WRONG_PERSON in meaning.kinds:
        yield Suppression.wrong_party(
            f"{reply.reply_id}:{who}:wrong_party",
            person_id=person,
            address=address,
            channel=reply.channel,
            at=reply.received_at,
        )
    if meaning.needs_human and person is not None:
        yield Suppression.with_human(
            f"{reply.reply_id}:{who}:with_human", person_id=person, at=reply.received_at
        )


def _answer_to(
    reply: Reply, meaning: Understanding, *, facts: ReplyFacts, now: datetime
) -> DesiredTouch | None:
    """Plan the one answer that a keyword gets, unless the vendor gave it."""
    planned = {
        "opt_out": (Purpose.OPT_OUT_CONFIRMATION, "opt_out_confirmation", CONFIRMS_WITHIN),
        "opt_in": (Purpose.CONVERSATION_REPLY, "opt_in_confirmation", ANSWERS_WITHIN),
        "help": (Purpose.HELP_REPLY, "help_reply", ANSWERS_WITHIN),
    }.get(meaning.understood)
    if planned is None or reply.confirmed_by_vendor or not facts.people:
        return None
    purpose, wording, within = planned
    person = facts.people[0]
    placed = next(
        (debt.placement.value for debt in facts.debts if debt.person_id == person and debt.placement), None
    )
    expires_at = reply.received_at + within
    if expires_at <= now:
        return None
    return DesiredTouch(
        person_id=person,
        debt_id="",
        play=ANSWERS,
        occasion=reply.reply_id,
        purpose=purpose,
        wording=wording,
        channels=(reply.channel,),
        priority=PRIORITIES[purpose],
        patience=timedelta(0),
        fallback=None,
        creditor=placed.creditor if placed is not None else "",
        portfolio=placed.portfolio if placed is not None else None,
        role=placed.role if placed is not None else Role.THIRD_PARTY,
        due_at=now,
        expires_at=expires_at,
        in_reply_to=reply.received_at,
    )


def _suppression_events(
    closed: Sequence[Suppression], lifted: Sequence[Suppression], *, digest: str, now: datetime
) -> list[OutgoingEvent]:
    """Return what others hear of addresses that a reply closed or opened; what a human holds stays here."""
    return [
        closed_addresses(suppression, person_id=suppression.person_id, origin="reply", now=now)
        if suppression.person_id is not None
        else closed_nobodys_address(suppression, digest=digest, origin="reply", now=now)
        for suppression in closed
        if suppression.kind != HoldKind.WITH_HUMAN
    ] + [
        opened_addresses(suppression, person_id=suppression.person_id, now=now)
        if suppression.person_id is not None
        else opened_nobodys_address(suppression, digest=digest, now=now)
        for suppression in lifted
    ]
