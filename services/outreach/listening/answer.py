"""The one answer that a reply gets by itself: what a machine may say, and when it says nothing. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from outreach.listening.deadline import answer_by
from outreach.listening.reply import Office, Reply, ReplyFacts
from outreach.model.playbook import ANSWERS, PRIORITIES
from outreach.model.reply import Wait
from outreach.model.touch import SAID_IN, DesiredTouch
from outreach.model.words import Channel, Purpose, Role
from outreach.understanding.kinds import Kind, Urgency
from outreach.understanding.meaning import Understanding
from schemas.addresses import comparable

#: 47 CFR 64.1200(a)(12): one confirmation, presumed covered by consent for five minutes.
CONFIRMS_WITHIN: Final = timedelta(minutes=5)

#: A reply to the person passes their hours for a day (policy-cases: purposes).
ANSWERS_WITHIN: Final = timedelta(hours=24)

#: What is said by machine, by the one word for what follows from a reply by itself.
_BY_MACHINE: Final = {
    "opt_out": (Purpose.OPT_OUT_CONFIRMATION, "opt_out_confirmation", CONFIRMS_WITHIN),
    "opt_in": (Purpose.CONVERSATION_REPLY, "opt_in_confirmation", ANSWERS_WITHIN),
    "help": (Purpose.HELP_REPLY, "help_reply", ANSWERS_WITHIN),
}

#: Who needs no word from a machine that a human will read it: they asked for silence, or for nothing.
_NOT_ACKNOWLEDGED: Final = frozenset({Kind.OPT_OUT, Kind.WRONG_PERSON, Kind.CEASE, Kind.OPT_IN})


def answer_to(
    reply: Reply, meaning: Understanding, *, facts: ReplyFacts, office: Office, now: datetime
) -> DesiredTouch | None:
    """Plan the one answer that a reply gets by itself; None where it gets none, or its vendor gave it.

    No machine answers a program, somebody who may be anybody, an address that others read, or a crisis,
    whatever is configured.
    """
    is_silent = (
        not facts.people
        or reply.automatic is not None
        # The page that they asked on has said so.
        or reply.asked
        or not reply.is_proven
        or reply.confirmed_by_vendor
        or facts.is_unsafe
        or meaning.urgency is Urgency.CRISIS
    )
    if is_silent:
        return None
    if meaning.machine:
        said = _BY_MACHINE.get(meaning.understood)
        if said is None:
            return None
        purpose, wording, within = said
        if purpose is Purpose.OPT_OUT_CONFIRMATION and _was_confirmed(reply, facts):
            return None
        if meaning.opens and facts.stays_closed:
            # "You hear from us again" would not be so: a human reads it.
            return None
        return _touch(
            reply,
            facts,
            purpose=purpose,
            wording=wording,
            due_at=now,
            expires_at=reply.received_at + within,
            now=now,
            language=meaning.language,
        )
    # Who waits already was told, and is not told again with each line they write.
    if not office.acknowledges or facts.is_waiting or not _may_be_heard(meaning.urgency, meaning.kinds):
        return None
    due_at = office.hours.opens_at(now)
    return _touch(
        reply,
        facts,
        purpose=Purpose.HUMAN_REPLY,
        wording="reply_acknowledgement",
        due_at=due_at,
        # By then a human has read it.
        expires_at=answer_by(Urgency.NORMAL, due_at, office.hours),
        now=now,
    )


def _was_confirmed(reply: Reply, facts: ReplyFacts) -> bool:
    """Tell whether a stop that binds here was confirmed, or is about to be: once, however often it is said.

    Another program that says STOP to whatever it is sent would else be answered for ever.
    """
    since = facts.closed_since
    if since is None:
        return False
    return reply.received_at - since <= CONFIRMS_WITHIN or any(
        message.purpose == Purpose.OPT_OUT_CONFIRMATION
        and message.channel is reply.channel
        and comparable(message.address) == comparable(reply.address)
        and message.at >= since
        for message in facts.past
    )


def is_to_be_acknowledged(reply_id: str, waits: Sequence[Wait]) -> bool:
    """Tell whether a machine may still say that a human will read a reply, by all that waits of its writer.

    It may not once a human has answered or released them, nor where they have written since of what a machine
    does not acknowledge.
    """
    return any(wait.reply_id == reply_id for wait in waits) and all(
        not wait.is_answered and _may_be_heard(wait.urgency, wait.kinds) for wait in waits
    )


def _may_be_heard(urgency: str, kinds: Collection[str]) -> bool:
    """Tell whether a machine may say of such a reply that somebody will read it."""
    return urgency == Urgency.NORMAL and _NOT_ACKNOWLEDGED.isdisjoint(kinds)


def _touch(
    reply: Reply,
    facts: ReplyFacts,
    *,
    purpose: Purpose,
    wording: str,
    due_at: datetime,
    expires_at: datetime,
    now: datetime,
    language: str = "",
) -> DesiredTouch | None:
    if expires_at <= now:
        return None
    return planned_answer(
        facts,
        person=facts.people[0],
        occasion=reply.reply_id,
        purpose=purpose,
        wording=wording,
        channel=reply.channel,
        in_reply_to=reply.received_at,
        due_at=due_at,
        expires_at=expires_at,
        language=language,
    )


def planned_answer(
    facts: ReplyFacts,
    *,
    person: str,
    occasion: str,
    purpose: Purpose,
    wording: str,
    channel: Channel,
    in_reply_to: datetime,
    due_at: datetime,
    expires_at: datetime,
    said: Mapping[str, str] | None = None,
    language: str = "",
) -> DesiredTouch:
    """Return the touch that answers a person: about no debt, in the name of whoever placed one of theirs.

    `said` is the `text` that a human writes in their own words, and `by` whom. `language` is the one that the
    person has just written in, where it is known: they are answered in that, whatever is recorded of them.
    """
    placed = next(
        (debt.placement.value for debt in facts.debts if debt.person_id == person and debt.placement), None
    )
    return DesiredTouch(
        person_id=person,
        debt_id="",
        play=ANSWERS,
        occasion=occasion,
        purpose=purpose,
        wording=wording,
        channels=(channel,),
        priority=PRIORITIES[purpose],
        patience=timedelta(0),
        fallback=None,
        creditor=placed.creditor if placed is not None else "",
        portfolio=placed.portfolio if placed is not None else None,
        role=placed.role if placed is not None else Role.THIRD_PARTY,
        due_at=due_at,
        expires_at=expires_at,
        in_reply_to=in_reply_to,
        details=({} if said is None else {"answer": dict(said)}) | ({SAID_IN: language} if language else {}),
    )
