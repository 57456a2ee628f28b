"""What other systems hear of a reply, and of the human who deals with it."""

from collections.abc import Sequence
from datetime import datetime

from foundation.outbox import OutgoingEvent
from outreach.announcing.event import outgoing
from outreach.model.reply import HandOff, KeptReply, PastMessage
from outreach.understanding.kinds import Kind
from outreach.understanding.meaning import Understanding
from schemas.replies import AmountSaid, AnsweredMessage, DaySaid, HumanHold


def received(
    reply: KeptReply, *, person_id: str, debts: Sequence[str], digest: str, now: datetime
) -> OutgoingEvent:
    """Announce that a person, who owes these debts, wrote back from the address of this digest.

    It is told in the words of before.
    """
    return outgoing(
        "reply.received.v1",
        key=person_id,
        now=now,
        person_id=person_id,
        reply_id=reply.reply_id,
        channel=reply.channel,
        understood=reply.understood,
        needs_human=reply.needs_human,
        text=reply.text,
        debts=tuple(debts),
        received_at=reply.received_at,
        address_digest=digest,
    )


def received_v2(
    reply: KeptReply,
    meaning: Understanding,
    *,
    person_id: str,
    debts: Sequence[str],
    answers: PastMessage | None,
    hand_off: HandOff | None,
    digest: str,
    now: datetime,
) -> OutgoingEvent:
    """Announce that a person wrote back, and all that was understood of it; `answers` is what we had said."""
    return outgoing(
        "reply.received.v2",
        key=person_id,
        now=now,
        person_id=person_id,
        reply_id=reply.reply_id,
        channel=reply.channel,
        kinds=tuple(reply.kinds),
        urgency=reply.urgency,
        needs_human=reply.needs_human,
        answer_by=hand_off.answer_by if hand_off is not None else None,
        closed=tuple(reply.closes),
        closes_address=meaning.closes_address and reply.automatic is None,
        text=reply.text,
        days=tuple(DaySaid(words=said.words, day=said.day) for said in meaning.days),
        amounts=tuple(
            AmountSaid(words=said.words, amount=said.amount, currency=said.currency or None)
            for said in meaning.amounts
        ),
        answers=None if answers is None else _answered(answers),
        pictures=tuple(reply.pictures),
        attachments=tuple(reply.attachments),
        proven=reply.is_proven,
        automatic=reply.automatic,
        address_digest=digest,
        debts=tuple(debts),
        received_at=reply.received_at,
    )


def human_needed(
    reply: KeptReply, hand_off: HandOff, *, debts: Sequence[str], now: datetime
) -> OutgoingEvent:
    """Announce that a reply waits for a human, and by when one is to deal with it."""
    return outgoing(
        "human.needed.v1",
        key=str(hand_off.person_id),
        now=now,
        person_id=hand_off.person_id,
        reply_id=reply.reply_id,
        channel=reply.channel,
        urgency=hand_off.urgency,
        kinds=tuple(reply.kinds),
        closed=tuple(reply.closes),
        debts=tuple(debts),
        since=hand_off.since,
        answer_by=hand_off.answer_by,
    )


def human_done(
    person_id: str,
    *,
    replies: Sequence[str],
    decided: str,
    by: str,
    hold: HumanHold | None,
    now: datetime,
) -> OutgoingEvent:
    """Announce that these replies of a person wait no more, and what a human took them for."""
    return outgoing(
        "human.done.v1",
        key=person_id,
        now=now,
        person_id=person_id,
        replies=tuple(replies),
        decided=decided,
        by=by,
        hold=hold,
        at=now,
    )


def consent_recorded(
    reply: KeptReply, question: PastMessage, *, address: str, now: datetime
) -> OutgoingEvent:
    """Announce the consent that a yes to our question is, with question and answer as its evidence."""
    assert Kind.OPT_IN in reply.kinds
    return outgoing(
        "consent.recorded.v1",
        key=question.person_id,
        now=now,
        person_id=question.person_id,
        channel=reply.channel,
        address=address,
        reply_id=reply.reply_id,
        text=reply.text,
        wording=question.wording,
        asked_at=question.at,
        at=reply.received_at,
    )


def _answered(message: PastMessage) -> AnsweredMessage:
    return AnsweredMessage(
        attempt_id=str(message.attempt_id),
        play=message.play,
        wording=message.wording,
        purpose=message.purpose,
        channel=message.channel.value,
        at=message.at,
        text=message.text,
    )
