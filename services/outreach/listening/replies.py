"""Listen, what people write: a stop binds before the answer; what is not understood goes to a human."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog

from foundation import outbox
from foundation.clock import Clock
from foundation.database import Connection, Database, StillLocked, wait_for_locks
from outreach.announcing.touches import SOURCE
from outreach.listening.reply import Office, Reply, ReplyEffects, ReplyFacts
from outreach.listening.reply_effects import meaning_of, reply_effects
from outreach.model.playbook import Playbook
from outreach.model.snapshot import Snapshot, parse_snapshot
from outreach.model.words import Channel
from outreach.planning.plan import plan_debts
from outreach.planning.whereabouts import whereabouts_of
from outreach.store import attempts, debts, hand_offs, ledger, people, replies, suppressions, touches
from outreach.store.changes import people_changed
from outreach.store.digests import digest_addresses
from outreach.store.ledger import Entry
from outreach.understanding.meaning import Understanding
from schemas.addresses import comparable

log = structlog.get_logger(__name__)

#: Longer than a gate permits a call: whoever held a lock at the gate for so long does not call any more.
#: Short enough for a vendor to have its answer in time: Twilio hangs up after 15 seconds.
LONGEST_WAIT_FOR_A_LOCK = timedelta(seconds=3)
_AT_ONCE = 100
#: How many messages of ours may be quoted: who quotes does so of the last ones.
_QUOTED = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyOutcome:
    """What a reply was taken for, whom it may come from, and whether it was heard for the first time."""

    understanding: Understanding
    people: Sequence[str]
    is_new: bool


async def hear_reply(reply: Reply, *, database: Database, clock: Clock, playbook: Playbook) -> ReplyOutcome:
    """Understand a reply and bind what it says before returning; hearing it again changes nothing.

    From its first moment on nothing goes to whoever has its address, without a lock of anybody's.
    Where somebody holds a person concerned for long, the rest is bound later, by `bind_waiting`.

    Raises:
        DatabaseUnavailable: nothing is bound; the vendor must be told to try again.
    """
    async with database.transaction() as connection:
        await replies.wait_for_binding(connection, **{**asdict(reply), "address": comparable(reply.address)})
    try:
        return await bind_reply(reply, database=database, clock=clock, playbook=playbook)
    except StillLocked:
        log.warning("reply waits for a lock", channel=reply.channel)
        nothing_known = ReplyFacts(people=(), debts=(), liftable=(), our_names=playbook.our_names)
        return ReplyOutcome(understanding=meaning_of(reply, nothing_known), people=(), is_new=True)


async def bind_waiting(*, database: Database, clock: Clock, playbook: Playbook) -> int:
    """Bind replies that waited for a lock; return how many are bound now.

    Raises:
        DatabaseUnavailable: the rest waits on.
    """
    async with database.transaction() as connection:
        waiting = await replies.list_waiting(connection, limit=_AT_ONCE)
    bound = 0
    for row in waiting:
        reply = Reply(
            **{
                **row,
                "channel": Channel(row["channel"]),
                "pictures": tuple(row["pictures"]),
                "attachments": tuple(row["attachments"]),
                "asked": tuple(row["asked"]),
            }
        )
        with suppress(StillLocked):
            await bind_reply(reply, database=database, clock=clock, playbook=playbook)
            bound += 1
    return bound


async def bind_reply(reply: Reply, *, database: Database, clock: Clock, playbook: Playbook) -> ReplyOutcome:
    """Bind a reply that waits, with everybody locked whom it may come from.

    Raises:
        StillLocked: somebody is held for long; it waits on.
    """
    now = clock.now()
    office = Office(hours=playbook.office_hours, acknowledges=playbook.acknowledges)
    async with database.transaction() as connection:
        await wait_for_locks(connection, at_most=LONGEST_WAIT_FOR_A_LOCK)
        facts = await _read_facts(connection, reply, playbook=playbook, now=now)
        # Under the lock: what was asked on a page may have been taken back, or bound, since it was listed.
        was_waiting = await replies.end_waiting(connection, [reply.reply_id])
        if reply.asked and not was_waiting:
            return ReplyOutcome(understanding=meaning_of(reply, facts), people=facts.people, is_new=False)
        meaning = meaning_of(reply, facts)
        effects = reply_effects(reply, meaning, facts=facts, now=now, office=office)
        is_new = await _record(connection, effects, now=now)
        if is_new:
            await people_changed(connection, facts.people, now=now, wake=True)
            await plan_debts(connection, facts.debts, playbook=playbook, now=now)
    log.info(
        "reply",
        channel=reply.channel,
        understood=meaning.understood,
        urgency=meaning.urgency,
        needs_human=effects.kept.needs_human,
        people=len(facts.people),
        new=is_new,
    )
    return ReplyOutcome(understanding=meaning, people=facts.people, is_new=is_new)


async def _read_facts(
    connection: Connection, reply: Reply, *, playbook: Playbook, now: datetime
) -> ReplyFacts:
    """Lock everybody the reply may come from, and return what is known of them."""
    address = comparable(reply.address)
    found = await people.list_people_at(connection, [address])
    concerned = sorted({*found, reply.person_id} - {None}) if reply.person_id else found
    if reply.asked and reply.person_id:
        # The link that they came by says who they are, whoever else has the address.
        concerned = [reply.person_id]
    await people.lock_people(connection, concerned)
    liftable = await suppressions.list_liftable(connection, address=address, channel=reply.channel, now=now)
    snapshots = await people.read_snapshots(connection, concerned)
    first = _first_snapshot(concerned, snapshots)
    return ReplyFacts(
        people=concerned,
        debts=await debts.read_debts(connection, concerned),
        liftable=[stop.suppression for stop in liftable],
        digest=(await digest_addresses(connection, [address]))[address],
        closed_since=min((stop.began_at for stop in liftable), default=None),
        stopped_at=max((stop.began_at for stop in liftable), default=None),
        stays_closed=await suppressions.stays_closed(
            connection,
            address=address,
            people=concerned,
            channel=reply.channel,
            but=[stop.suppression.suppression_id for stop in liftable],
        ),
        past=await attempts.list_past_messages(connection, concerned, limit=_QUOTED),
        language=first.language if first is not None else None,
        today=whereabouts_of(first).day_of(reply.received_at),
        is_unsafe=await suppressions.is_unsafe(connection, address=address, channel=reply.channel),
        is_waiting=bool(await hand_offs.list_waits(connection, concerned)),
        our_names=playbook.our_names,
    )


def _first_snapshot(concerned: Sequence[str], snapshots: Mapping[str, str]) -> Snapshot | None:
    known = (snapshots[person] for person in concerned if person in snapshots)
    return next((parse_snapshot(text) for text in known), None)


async def _record(connection: Connection, effects: ReplyEffects, *, now: datetime) -> bool:
    """Record what a reply led to, unless it was heard before; return whether it is new."""
    reply = effects.kept
    if not await replies.keep_reply(connection, reply):
        return False
    # Of several people who may write from an address nobody knows which one did.
    is_theirs = effects.proves_address and len(effects.contacts) == 1
    address = comparable(reply.address) if is_theirs else None
    await ledger.record_contacts(
        connection,
        [
            Entry(contact_id=f"{reply.reply_id}:{person}", person_id=person, contact=contact, address=address)
            for person, contact in effects.contacts.items()
        ],
    )
    await suppressions.record_suppressions(connection, effects.closed, origin="reply", now=now)
    await suppressions.record_suppressions(connection, effects.unsafe, origin="safety", now=now)
    await suppressions.lift_suppressions(
        connection,
        [suppression.suppression_id for suppression in effects.lifted],
        by=reply.reply_id,
        now=now,
    )
    await hand_offs.record_hand_offs(connection, effects.hand_offs)
    if effects.answer is not None:
        await touches.plan_touches(connection, [effects.answer], now=now)
    await outbox.append(connection, effects.events, source=SOURCE)
    return True
