"""Remember: what this service published of its own past, put back where the database lacks it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from foundation import outbox
from foundation.database import Connection
from outreach.announcing.touches import SOURCE
from outreach.model.playbook import Playbook
from outreach.model.reply import KeptReply
from outreach.model.suppression import Suppression
from outreach.planning.past import PublishedPast, digests_in, past_told_by
from outreach.planning.plan import plan_debts
from outreach.store import debts, erasures, hand_offs, ledger, people, replies, suppressions, touches
from outreach.store.changes import people_changed
from outreach.store.digests import find_addresses
from schemas.envelope import Event
from schemas.registry import EVENT_TYPES

#: Who lifted what was lifted in the past that was read back.
_ITSELF = "read back"


async def remember(
    connection: Connection, events: Iterable[Event], *, playbook: Playbook, now: datetime
) -> int:
    """Put back what these events of ours say and the database does not know; return how much that was.

    What the database knows counts more, so remembering again, or what was never forgotten, changes nothing.
    Nothing is published of it: it was.
    """
    ours = await _of_nobody_erased(connection, [event for event in events if event.source == SOURCE])
    past = past_told_by(ours, addresses=await find_addresses(connection, {*digests_in(ours)}))
    closing = {closed.suppression.address for closed in past.closed.values() if closed.suppression.address}
    concerned = past.people | set(await people.list_people_at(connection, closing))
    await people.meet_people(connection, concerned, now=now)
    moved = await touches.remember_touches(connection, [past.touches[key] for key in sorted(past.touches)])
    moved |= await _remember_contacts(connection, past)
    heard = await _remember_replies(connection, past.replies.values())
    await hand_offs.record_hand_offs(connection, list(past.waiting.values()))
    await hand_offs.end_lifted(connection, past.dealt_with, by=_ITSELF, now=now)
    bound = await _remember_suppressions(connection, past, now=now)
    await outbox.count_on(connection, _sequences_of(ours))
    if not (moved or heard or bound):
        return 0
    await people_changed(connection, concerned, now=now, wake=False)
    # What was made is not planned again, and what follows it is.
    owed = await debts.read_debts(connection, sorted(past.people))
    await plan_debts(connection, owed, playbook=playbook, now=now)
    return len(moved) + heard + bound


async def _of_nobody_erased(connection: Connection, events: Sequence[Event]) -> list[Event]:
    """Return what these say of others than those who were erased since."""
    erased = await erasures.find_erased(connection, {event.person_id for event in events})
    return [
        event
        for event in events
        if event.person_id not in erased or event.time > erased[event.person_id].erased_at
    ]


def _sequences_of(events: Iterable[Event]) -> dict[tuple[str, str], int]:
    """Return how far the events of each topic and key had been numbered."""
    reached: dict[tuple[str, str], int] = {}
    for event in events:
        if event.sequence is not None:
            head = (EVENT_TYPES[event.type].topic, event.subject)
            reached[head] = max(event.sequence, reached.get(head, 0))
    return reached


async def _remember_contacts(connection: Connection, past: PublishedPast) -> set[str]:
    """Put contacts back, made by us or heard; return with whom those that were not known were."""
    ours = [entry for entry in past.contacts.values() if entry.attempt_id is not None]
    theirs = [entry for entry in past.contacts.values() if entry.attempt_id is None]
    new = await ledger.record_contacts(connection, theirs)
    return await ledger.remember_contacts(connection, ours) | {
        entry.person_id for entry in theirs if entry.contact_id in new
    }


async def _remember_replies(connection: Connection, told: Iterable[KeptReply]) -> int:
    return sum([await replies.keep_reply(connection, reply) for reply in told])


async def _remember_suppressions(connection: Connection, past: PublishedPast, *, now: datetime) -> int:
    """Close what was closed and open what was opened since; return how many were not known.

    Here they are heard now: what lifts them is named by the snapshots, which are read after this.
    """
    by_origin: defaultdict[str, list[Suppression]] = defaultdict(list)
    for closed in past.closed.values():
        by_origin[closed.origin].append(closed.suppression)
    new = 0
    for origin, closing in sorted(by_origin.items()):
        new += len(await suppressions.record_suppressions(connection, closing, origin=origin, now=now))
    lifted = await suppressions.lift_suppressions(connection, list(past.lifted), by=_ITSELF, now=now)
    return new + len(lifted)
