"""What a reply leads to. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from foundation.outbox import OutgoingEvent
from outreach.model.debt import Debt
from outreach.model.playbook import ANSWERS, PRIORITIES
from outreach.model.suppression import Suppression
from outreach.model.touch import DesiredTouch
from outreach.model.words import Channel, Purpose, Role
from outreach.understanding.understand import About, Kind, Understanding, understand
from schemas import topics
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
class ReplyOutcome:
    """What a reply led to."""

    understanding: Understanding
    people: Sequence[str]
    is_new: bool


def meaning_of(reply: Reply) -> Understanding:
    """Understand the text; where the vendor heard a stop or a start and we do not, it is one all the same.

    A stop that we hear ourselves is never overruled.
    """
    meaning = understand(reply.text)
    if reply.stopped_at_vendor and meaning.kind is not Kind.OPT_OUT:
        return Understanding(Kind.OPT_OUT, needs_human=meaning.needs_human, about=meaning.about)
    if reply.started_at_vendor and meaning.kind is not Kind.OPT_OUT:
        return Understanding(Kind.OPT_IN, needs_human=False)
    return meaning


def suppressions_of(reply: Reply, meaning: Understanding, person: str | None) -> Iterator[Suppression]:
    """Yield what a message binds: the channels it closes, the number it is wrong for, the wait for a human.

    Without a person it binds the number alone: whoever has it from now on is not texted.
    """
    address = comparable(reply.address)
    who = person or "nobody"
    if meaning.kind is Kind.OPT_OUT:
        for channel in sorted(meaning.channels or {reply.channel}):
            at_address = address if channel is reply.channel else None
            if person is not None or at_address is not None:
                yield Suppression.opt_out(
                    f"{reply.reply_id}:{who}:{channel}",
                    person_id=person,
                    address=at_address,
                    channel=channel,
                    at=reply.received_at,
                )
    if meaning.about is About.WRONG_PERSON:
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


def answer_to(
    reply: Reply, meaning: Understanding, whose: Sequence[str], owed: Sequence[Debt], *, now: datetime
) -> DesiredTouch | None:
    """Plan the one answer that a keyword gets, unless the vendor gave it."""
    planned = {
        "opt_out": (Purpose.OPT_OUT_CONFIRMATION, "opt_out_confirmation", CONFIRMS_WITHIN),
        "opt_in": (Purpose.CONVERSATION_REPLY, "opt_in_confirmation", ANSWERS_WITHIN),
        "help": (Purpose.HELP_REPLY, "help_reply", ANSWERS_WITHIN),
    }.get(meaning.kind)
    if planned is None or reply.confirmed_by_vendor or not whose:
        return None
    purpose, wording, within = planned
    placed = next(
        (debt.placement.value for debt in owed if debt.person_id == whose[0] and debt.placement), None
    )
    expires_at = reply.received_at + within
    if expires_at <= now:
        return None
    return DesiredTouch(
        person_id=whose[0],
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


def received(
    reply: Reply, meaning: Understanding, person: str, owed: Sequence[Debt], now: datetime
) -> OutgoingEvent:
    return OutgoingEvent(
        topic=topics.REPLIES,
        key=person,
        type="reply.received.v1",
        time=now,
        data={
            "person_id": person,
            "reply_id": reply.reply_id,
            "channel": reply.channel,
            "understood": meaning.kind,
            "needs_human": meaning.needs_human,
            "text": reply.text,
            "debts": [debt.debt_id for debt in owed if debt.person_id == person],
            "received_at": reply.received_at.isoformat(),
        },
    )
