"""Listen, what people write: a stop binds before the answer; what is not understood goes to a human."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta

import structlog

from foundation import outbox
from foundation.clock import Clock
from foundation.database import Connection, Database, StillLocked, wait_for_locks
from foundation.outbox import OutgoingEvent
from outreach.announcing import touches as announce
from outreach.announcing.suppressions import closed_addresses, opened_addresses
from outreach.listening.reply_effects import (
    Reply,
    ReplyOutcome,
    answer_to,
    meaning_of,
    received,
    suppressions_of,
)
from outreach.model.contact import Contact
from outreach.model.playbook import Playbook
from outreach.model.words import Channel, Direction, HoldKind
from outreach.planning.plan import plan_debts
from outreach.store import debts, ledger, people, replies, suppressions, touches
from outreach.store.changes import people_changed
from outreach.store.ledger import Entry
from outreach.understanding.understand import Kind, Understanding
from schemas.addresses import comparable

log = structlog.get_logger(__name__)

#: Longer than a gate permits a call: whoever held a lock at the gate for so long does not call any more.
#: Short enough for a vendor to have its answer in time: Twilio hangs up after 15 seconds.
LONGEST_WAIT_FOR_A_LOCK = timedelta(seconds=3)
_AT_ONCE = 100


async def hear_reply(reply: Reply, *, database: Database, clock: Clock, playbook: Playbook) -> ReplyOutcome:
    """Understand a reply and bind what it says before returning; hearing it again changes nothing.

    From its first moment on nothing goes to whoever has its address, without a lock of anybody's.
    Where somebody holds a person concerned for long, the rest is bound later, by `bind_waiting`.

    An opt-out closes the channel for everybody known at the number, and the number itself.
    START takes back what STOP took. HELP is answered. Anything else pauses automation for the
    person until a human lifts it.

    Raises:
        DatabaseUnavailable: nothing is bound; the vendor must be told to try again.
    """
    async with database.transaction() as connection:
        await replies.wait_for_binding(connection, **{**asdict(reply), "address": comparable(reply.address)})
    try:
        return await _bind_reply(reply, database=database, clock=clock, playbook=playbook)
    except StillLocked:
        log.warning("reply waits for a lock", channel=reply.channel)
        return ReplyOutcome(understanding=meaning_of(reply), people=(), is_new=True)


async def bind_waiting(*, database: Database, clock: Clock, playbook: Playbook) -> int:
    """Bind replies that waited for a lock; return how many are bound now.

    Raises:
        DatabaseUnavailable: the rest waits on.
    """
    async with database.transaction() as connection:
        waiting = await replies.list_waiting(connection, limit=_AT_ONCE)
    bound = 0
    for row in waiting:
        reply = Reply(**{**row, "channel": Channel(row["channel"])})
        with suppress(StillLocked):
            await _bind_reply(reply, database=database, clock=clock, playbook=playbook)
            bound += 1
    return bound


async def _bind_reply(reply: Reply, *, database: Database, clock: Clock, playbook: Playbook) -> ReplyOutcome:
    now, meaning = clock.now(), meaning_of(reply)
    async with database.transaction() as connection:
        await wait_for_locks(connection, at_most=LONGEST_WAIT_FOR_A_LOCK)
        whose = await people.list_people_at(connection, [comparable(reply.address)])
        await people.lock_people(connection, whose)
        is_new = await _keep(connection, reply, meaning, whose)
        if is_new:
            owed = await debts.read_debts(connection, whose)
            news = [received(reply, meaning, person, owed, now) for person in whose]
            news += await _bind(connection, reply, meaning, whose, now=now)
            answer = answer_to(reply, meaning, whose, owed, now=now)
            if answer is not None:
                await touches.plan_touches(connection, [answer], now=now)
                news.append(announce.planned(answer, now=now))
            await outbox.append(connection, news, source=announce.SOURCE)
            await people_changed(connection, whose, now=now, wake=True)
            await plan_debts(connection, owed, playbook=playbook, now=now)
        await replies.end_waiting(connection, reply.reply_id)
    log.info("reply", understood=meaning.kind, needs_human=meaning.needs_human, people=len(whose), new=is_new)
    return ReplyOutcome(understanding=meaning, people=whose, is_new=is_new)


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
) -> list[OutgoingEvent]:
    if meaning.kind is Kind.OPT_IN:
        liftable = await suppressions.list_liftable(
            connection, address=comparable(reply.address), channel=reply.channel
        )
        lifted = await suppressions.lift_suppressions(connection, liftable, by=reply.reply_id, now=now)
        return [
            opened_addresses(suppression, person_id=suppression.person_id, now=now)
            for suppression in lifted
            if suppression.person_id is not None
        ]
    bound_to: Sequence[str | None] = whose or [None]
    bound = [suppression for person in bound_to for suppression in suppressions_of(reply, meaning, person)]
    await suppressions.record_suppressions(connection, bound, origin="reply", now=now)
    return [
        closed_addresses(suppression, person_id=suppression.person_id, origin="reply", now=now)
        for suppression in bound
        if suppression.kind != HoldKind.WITH_HUMAN and suppression.person_id is not None
    ]
