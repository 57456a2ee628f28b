"""Listen, what people write: a stop binds before the answer; what is not understood goes to a human."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from foundation import outbox
from foundation.clock import Clock
from foundation.database import Connection, Database
from foundation.outbox import Outgoing
from outreach.model.contact import Contact
from outreach.model.debt import Debt
from outreach.model.playbook import PRIORITIES, Playbook
from outreach.model.touch import Wanted
from outreach.model.words import Channel, Direction, HoldKind, Purpose, Role
from outreach.steps import announce
from outreach.steps.plan import ANSWERS, plan_debts
from outreach.steps.suppress import closed_addresses, opened_addresses
from outreach.store import debts, ledger, people, replies, suppressions, touches
from outreach.store.ledger import Entry
from outreach.store.suppressions import Suppression
from outreach.understanding.understand import About, Kind, Understanding, understand
from schemas import topics

log = structlog.get_logger(__name__)

#: 47 CFR 64.1200(a)(12): one confirmation, presumed covered by consent for five minutes.
CONFIRMS_WITHIN = timedelta(minutes=5)
#: A reply to the person passes their hours for a day (policy-cases: purposes).
ANSWERS_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A message from a person.

    `confirmed_by_vendor`: the vendor has answered the keyword itself. `stopped_at_vendor`: the
    vendor took it for a stop, perhaps by a keyword of the agency's own that only it knows.
    """

    reply_id: str
    channel: Channel
    address: str
    text: str
    received_at: datetime
    confirmed_by_vendor: bool = False
    stopped_at_vendor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a reply led to."""

    understanding: Understanding
    people: Sequence[str]
    is_new: bool


async def hear_reply(reply: Reply, *, database: Database, clock: Clock, playbook: Playbook) -> Heard:
    """Understand a reply and bind what it says before returning; hearing it again changes nothing.

    An opt-out closes the channel for everybody known at the number, and the number itself.
    START takes back what STOP took. HELP is answered. Anything else pauses automation for the
    person until a human lifts it.

    Raises:
        DatabaseUnavailable: nothing is bound; the vendor must be told to try again.
    """
    now, meaning = clock.now(), _meaning(reply)
    async with database.transaction() as connection:
        whose = await people.list_people_at(connection, [reply.address.casefold()])
        await people.lock_people(connection, whose)
        is_new = await _keep(connection, reply, meaning, whose)
        if is_new:
            owed = await debts.read_debts(connection, whose)
            news = [_received(reply, meaning, person, owed, now) for person in whose]
            news += await _bind(connection, reply, meaning, whose, now=now)
            answer = _answer(reply, meaning, whose, owed, now=now)
            if answer is not None:
                await touches.plan_touches(connection, [answer], now=now)
                news.append(announce.planned(answer, now=now))
            await outbox.append(connection, news, source=announce.SOURCE)
            await people.raise_revisions(connection, whose)
            await touches.reconsider_touches(connection, whose, now=now)
            await plan_debts(connection, owed, playbook=playbook, now=now)
            await touches.wake_dispatch(connection)
    log.info("reply", understood=meaning.kind, needs_human=meaning.needs_human, people=len(whose), new=is_new)
    return Heard(understanding=meaning, people=whose, is_new=is_new)


def _meaning(reply: Reply) -> Understanding:
    """Understand the text; where the vendor heard a stop and we do not, it is one all the same."""
    meaning = understand(reply.text)
    if reply.stopped_at_vendor and meaning.kind is not Kind.OPT_OUT:
        return Understanding(Kind.OPT_OUT, needs_human=meaning.needs_human, about=meaning.about)
    return meaning


async def unsubscribe(*, person_id: str, address: str, database: Database, clock: Clock) -> None:
    """Close email for this person and this address, before returning; doing it again changes nothing.

    Raises:
        DatabaseUnavailable: nothing is bound.
    """
    now = clock.now()
    address = address.casefold()
    async with database.transaction() as connection:
        whose = sorted({person_id, *await people.list_people_at(connection, [address])})
        await people.lock_people(connection, whose)
        closed = Suppression(
            suppression_id=f"unsubscribe:{person_id}:{now.isoformat()}",
            person_id=person_id,
            address=address,
            channel=Channel.EMAIL,
            kind="opted_out",
            at=now,
        )
        bound = await suppressions.read_suppressions(connection, [person_id])
        if any(_is_same(each, closed) for each in bound.get(person_id, ())):
            return
        await suppressions.record_suppressions(connection, [closed], origin="unsubscribe")
        news = [closed_addresses(closed, person_id=person_id, origin="unsubscribe", now=now)]
        await outbox.append(connection, news, source=announce.SOURCE)
        await people.raise_revisions(connection, whose)
        await touches.reconsider_touches(connection, whose, now=now)
    log.info("unsubscribed", people=len(whose))


def _is_same(old: Suppression, new: Suppression) -> bool:
    return (old.kind, old.channel, old.address) == (new.kind, new.channel, new.address)


async def _keep(connection: Connection, reply: Reply, meaning: Understanding, whose: Sequence[str]) -> bool:
    """Keep the message and enter it in the ledger of everybody it may come from."""
    is_new = await replies.keep_reply(
        connection,
        reply_id=reply.reply_id,
        person_id=whose[0] if whose else None,
        channel=reply.channel,
        address=reply.address,
        text=reply.text,
        understood=meaning.kind,
        needs_human=meaning.needs_human or not whose,
        received_at=reply.received_at,
    )
    if is_new:
        contact = Contact(at=reply.received_at, channel=reply.channel, direction=Direction.INBOUND)
        await ledger.record_contacts(
            connection,
            [
                Entry(contact_id=f"{reply.reply_id}:{person}", person_id=person, contact=contact)
                for person in whose
            ],
        )
    return is_new


async def _bind(
    connection: Connection, reply: Reply, meaning: Understanding, whose: Sequence[str], *, now: datetime
) -> list[Outgoing]:
    if meaning.kind is Kind.OPT_IN:
        liftable = await suppressions.list_liftable(
            connection, address=reply.address.casefold(), channel=reply.channel
        )
        lifted = await suppressions.lift_suppressions(connection, liftable, by=reply.reply_id, now=now)
        return [
            opened_addresses(each, person_id=each.person_id, now=now)
            for each in lifted
            if each.person_id is not None
        ]
    bound_to: Sequence[str | None] = whose or [None]
    bound = [each for person in bound_to for each in _suppressions(reply, meaning, person)]
    await suppressions.record_suppressions(connection, bound, origin="reply")
    return [
        closed_addresses(each, person_id=each.person_id, origin="reply", now=now)
        for each in bound
        if each.kind != HoldKind.WITH_HUMAN and each.person_id is not None
    ]


def _suppressions(reply: Reply, meaning: Understanding, person: str | None) -> Iterator[Suppression]:
    """Yield what a message binds: the channels it closes, the number it is wrong for, the wait for a human.

    Without a person it binds the number alone: whoever has it from now on is not texted.
    """
    address = reply.address.casefold()
    who = person or "nobody"
    if meaning.kind is Kind.OPT_OUT:
        for channel in sorted(meaning.channels or {reply.channel}):
            at_address = address if channel is reply.channel else None
            if person is not None or at_address is not None:
                yield Suppression(
                    suppression_id=f"{reply.reply_id}:{who}:{channel}",
                    person_id=person,
                    address=at_address,
                    channel=channel,
                    kind="opted_out",
                    at=reply.received_at,
                )
    if meaning.about is About.WRONG_PERSON:
        yield Suppression(
            suppression_id=f"{reply.reply_id}:{who}:wrong_party",
            person_id=person,
            address=address,
            channel=reply.channel,
            kind=HoldKind.WRONG_PARTY,
            at=reply.received_at,
        )
    if meaning.needs_human and person is not None:
        yield Suppression(
            suppression_id=f"{reply.reply_id}:{who}:with_human",
            person_id=person,
            address=None,
            channel=None,
            kind=HoldKind.WITH_HUMAN,
            at=reply.received_at,
        )


def _answer(
    reply: Reply, meaning: Understanding, whose: Sequence[str], owed: Sequence[Debt], *, now: datetime
) -> Wanted | None:
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
        (each.placement.value for each in owed if each.person_id == whose[0] and each.placement), None
    )
    expires_at = reply.received_at + within
    if expires_at <= now:
        return None
    return Wanted(
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


def _received(
    reply: Reply, meaning: Understanding, person: str, owed: Sequence[Debt], now: datetime
) -> Outgoing:
    return Outgoing(
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
            "debts": [each.debt_id for each in owed if each.person_id == person],
            "received_at": reply.received_at.isoformat(),
        },
    )
