"""What a reply leads to. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from foundation.outbox import OutgoingEvent
from outreach.announcing import replies as announce_replies
from outreach.announcing import suppressions as announce_suppressions
from outreach.announcing import touches as announce
from outreach.listening.answer import answer_to
from outreach.listening.conversation import YES_WITHIN, answered_message, answered_wording, open_question
from outreach.listening.deadline import answer_by
from outreach.listening.reply import Office, Reply, ReplyEffects, ReplyFacts
from outreach.model.contact import Contact
from outreach.model.reply import HandOff, KeptReply
from outreach.model.suppression import UNSAFE, Suppression
from outreach.model.words import Direction, HoldKind
from outreach.understanding.kinds import Kind, Urgency
from outreach.understanding.meaning import Understanding
from outreach.understanding.understand import understand
from schemas.addresses import comparable

_OFFICE = Office()


def meaning_of(reply: Reply, facts: ReplyFacts) -> Understanding:
    """Understand the text; where the vendor heard a stop or a start and we do not, it is one all the same.

    A stop that we hear ourselves is never overruled. What cannot be proven to come from the person opens
    nothing, and what a program wrote closes nothing: a human looks at what either would have done.
    """
    if reply.asked:
        return _meaning_of_asked(reply, facts)
    meaning = understand(
        reply.text,
        channel=reply.channel,
        language=facts.language or "",
        after=answered_wording(reply, facts.past),
        sent=[message.text for message in facts.past],
        received_on=facts.today,
        our_names=facts.our_names,
    )
    if reply.stopped_at_vendor:
        return meaning.stopped(reply.channel)
    if reply.started_at_vendor and Kind.OPT_OUT not in meaning.kinds and _starts(reply, meaning, facts):
        return Understanding(kinds=(Kind.OPT_IN,))
    return meaning


def _meaning_of_asked(reply: Reply, facts: ReplyFacts) -> Understanding:
    """Understand what was asked for on a page: what was chosen there, and what their words say besides."""
    chosen = {Kind(kind) for kind in reply.asked}
    said = Understanding(kinds=())
    if reply.text:
        said = understand(
            reply.text,
            channel=reply.channel,
            language=facts.language or "",
            received_on=facts.today,
            our_names=facts.our_names,
        )
    # Words on a page open nothing: the page has a choice for that, which asks first.
    kinds = chosen | set(said.kinds) - {Kind.OPT_IN, Kind.UNCLEAR}
    return replace(said, kinds=tuple(kind for kind in Kind if kind in kinds), doubtful=True)


def _starts(reply: Reply, meaning: Understanding, facts: ReplyFacts) -> bool:
    """Tell whether what the vendor took for a start is one: its list has "yes", which answers many things."""
    if Kind.YES not in meaning.kinds:
        return True
    stopped_at = facts.stopped_at
    return (
        stopped_at is not None
        and reply.received_at - stopped_at <= YES_WITHIN
        and not any(stopped_at < message.at <= reply.received_at for message in facts.past)
    )


def reply_effects(
    reply: Reply, meaning: Understanding, *, facts: ReplyFacts, now: datetime, office: Office = _OFFICE
) -> ReplyEffects:
    """Return all that a reply leads to, for everybody it may come from.

    An opt-out closes what it names for all of them, and the address itself. START takes back what
    STOP took. A machine answers only what needs no human; anything else pauses automation until one lifts it.
    """
    people = facts.people
    bound: Sequence[str | None] = people or [None]
    needs_human = needs_a_human(reply, meaning, facts)
    closed = list(_closings(reply, meaning, facts, needs_human=needs_human))
    lifted = facts.liftable if _opens(reply, meaning, facts) else ()
    answer = answer_to(reply, meaning, facts=facts, office=office, now=now)
    due = answer_by(meaning.urgency, reply.received_at, office.hours) if needs_human else None
    kept = _kept(reply, meaning, facts, needs_human=needs_human)
    hand_offs = [
        HandOff(
            reply_id=reply.reply_id,
            person_id=person,
            urgency=meaning.urgency,
            since=reply.received_at,
            answer_by=due,
        )
        for person in bound
        if due is not None
    ]
    events = [
        *_told(reply, kept, meaning, facts=facts, hand_offs=hand_offs, now=now),
        *_suppression_events(closed, lifted, digests={comparable(reply.address): facts.digest}, now=now),
        *([announce.planned(answer, now=now)] if answer is not None else []),
    ]
    return ReplyEffects(
        kept=kept,
        contacts=dict.fromkeys(
            people,
            Contact(at=reply.received_at, channel=reply.channel, direction=Direction.INBOUND),
        )
        if _is_of_the_person(reply)
        else {},
        closed=[suppression for suppression in closed if not _is_unsafe(suppression, meaning)],
        unsafe=[suppression for suppression in closed if _is_unsafe(suppression, meaning)],
        lifted=lifted,
        answer=answer,
        hand_offs=hand_offs,
        events=events,
        proves_address=not reply.asked,
    )


def needs_a_human(reply: Reply, meaning: Understanding, facts: ReplyFacts) -> bool:
    """Tell whether everything waits for a human, whom the words ask for or who may tell whose they are."""
    if reply.automatic is not None:
        # A notice that somebody is away says nothing; one that somebody died, or is ill, does.
        return meaning.urgency is not Urgency.NORMAL or bool(meaning.closes) or meaning.closes_address
    # What a START leaves closed was so by staff, a wrong number or a choice: a human asks what is meant.
    opens_nothing = Kind.OPT_IN in meaning.kinds and (not reply.is_proven or facts.stays_closed)
    return meaning.needs_human or opens_nothing or facts.is_unsafe or not facts.people


def _is_of_the_person(reply: Reply) -> bool:
    """Tell whether a reply is a contact that the person made: it proves that the address is theirs."""
    return reply.is_proven and reply.automatic is None


def _opens(reply: Reply, meaning: Understanding, facts: ReplyFacts) -> bool:
    return meaning.opens and _is_of_the_person(reply) and not facts.is_unsafe


def _kept(reply: Reply, meaning: Understanding, facts: ReplyFacts, *, needs_human: bool) -> KeptReply:
    return KeptReply(
        reply_id=reply.reply_id,
        person_id=facts.people[0] if facts.people else None,
        channel=reply.channel,
        address=reply.address,
        text="\n".join(part for part in (reply.wish, reply.text) if part),
        understood=meaning.understood,
        needs_human=needs_human,
        received_at=reply.received_at,
        kinds=tuple(meaning.kinds),
        urgency=meaning.urgency,
        closes=tuple(sorted(meaning.closes)) if reply.automatic is None else (),
        pictures=reply.pictures,
        attachments=reply.attachments,
        is_proven=reply.is_proven,
        automatic=reply.automatic,
    )


def _closings(
    reply: Reply, meaning: Understanding, facts: ReplyFacts, *, needs_human: bool
) -> Iterator[Suppression]:
    """Yield what a message binds: the channels it closes, the address it is wrong or unsafe for, the wait.

    A START binds nothing. Without a person the rest binds the address alone: whoever has it from
    now on is not written to there. What a program wrote closes nothing.
    """
    if Kind.OPT_IN in meaning.kinds and not needs_human:
        return
    bound: Sequence[str | None] = facts.people or [None]
    for person in bound:
        if reply.automatic is None:
            yield from _closed_channels(reply, meaning, person)
            yield from _closed_address(reply, meaning, person)
        if needs_human and person is not None:
            yield Suppression.with_human(
                f"{reply.reply_id}:{person}:with_human", person_id=person, at=reply.received_at
            )


def _closed_channels(reply: Reply, meaning: Understanding, person: str | None) -> Iterator[Suppression]:
    for channel in sorted(meaning.closes):
        at_address = comparable(reply.address) if channel is reply.channel else None
        if person is not None or at_address is not None:
            yield Suppression.opt_out(
                f"{reply.reply_id}:{person or 'nobody'}:{channel}",
                person_id=person,
                address=at_address,
                channel=channel,
                at=reply.received_at,
            )


def _closed_address(reply: Reply, meaning: Understanding, person: str | None) -> Iterator[Suppression]:
    if not meaning.closes_address:
        return
    kind, build = (
        (UNSAFE, Suppression.unsafe)
        if Kind.SAFETY in meaning.kinds
        else (HoldKind.WRONG_PARTY.value, Suppression.wrong_party)
    )
    yield build(
        f"{reply.reply_id}:{person or 'nobody'}:{kind}",
        person_id=person,
        address=comparable(reply.address),
        channel=reply.channel,
        at=reply.received_at,
    )


def _is_unsafe(suppression: Suppression, meaning: Understanding) -> bool:
    return Kind.SAFETY in meaning.kinds and suppression.kind != HoldKind.WITH_HUMAN


def _told(
    reply: Reply,
    kept: KeptReply,
    meaning: Understanding,
    *,
    facts: ReplyFacts,
    hand_offs: Sequence[HandOff],
    now: datetime,
) -> Iterator[OutgoingEvent]:
    """Yield what others hear of the reply itself, for each person it may come from.

    Of what was asked for on a page, preferences has told the rest.
    """
    waiting = {hand_off.person_id: hand_off for hand_off in hand_offs}
    for person in facts.people:
        debts = facts.debts_of(person)
        if reply.asked:
            yield announce_replies.human_needed(kept, waiting[person], debts=debts, now=now)
            continue
        yield announce_replies.received(kept, person_id=person, debts=debts, digest=facts.digest, now=now)
        yield announce_replies.received_v2(
            kept,
            meaning,
            person_id=person,
            debts=debts,
            answers=answered_message(reply, facts.past, person=person),
            hand_off=waiting.get(person),
            digest=facts.digest,
            now=now,
        )
        if person in waiting:
            yield announce_replies.human_needed(kept, waiting[person], debts=debts, now=now)
    question = open_question(reply, facts.past)
    if question is not None and _opens(reply, meaning, facts) and question.person_id in facts.people:
        yield announce_replies.consent_recorded(kept, question, address=comparable(reply.address), now=now)


def _suppression_events(
    closed: Sequence[Suppression], lifted: Sequence[Suppression], *, digests: Mapping[str, str], now: datetime
) -> list[OutgoingEvent]:
    """Return what others hear of addresses that a reply closed or opened; what a human holds stays here."""
    shown = [one for one in closed if one.kind not in {HoldKind.WITH_HUMAN, UNSAFE}]
    return [
        *announce_suppressions.closed(shown, digests=digests, origin="reply", now=now),
        *announce_suppressions.opened(lifted, digests=digests, now=now),
    ]
