"""Claim: lock people with due touches, read what is known of them, decide, reserve, and write it all down.

Two statements on purpose: what is read after the locks cannot be older than them.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog
from msgspec.structs import replace

from foundation import outbox
from foundation.clock import Clock
from foundation.database import Connection, Database
from outreach.announcing import touches as announce
from outreach.guidance.guidance import Guidance
from outreach.model.known import PersonFacts
from outreach.model.touch import Touch
from outreach.planning.plan import plan_debts
from outreach.sending.claim_result import Call, Round
from outreach.sending.compose import Compose
from outreach.sending.decide import decide_touches
from outreach.sending.dispatching import Dispatching
from outreach.sending.known import lock_and_read_known
from outreach.store import attempts, debts, decisions, ledger, operations, people, touches
from outreach.store.ledger import Entry

log = structlog.get_logger(__name__)

#: How far ahead planned touches are looked at, for more important ones to go first.
LOOKS_AHEAD = timedelta(days=7)
#: How many people are decided before others of this process have a turn.
_AT_A_STRETCH = 5


async def claim_due_touches(
    guidance: Guidance, *, database: Database, clock: Clock, compose: Compose, dispatching: Dispatching
) -> tuple[list[Call], int]:
    """Decide the due touches of some people; return the calls to make, and how many people were claimed.

    Everything is written in the transaction that holds the people's locks: decisions,
    reservations and attempts. Nobody else may make the calls while their lease holds; any number
    of workers may claim at once.

    Raises:
        DatabaseUnavailable: nothing was decided.
    """
    now = clock.now()
    async with database.transaction() as connection:
        claimed = await people.lock_people_with_due_touches(connection, now=now, limit=dispatching.batch)
        if not claimed:
            return [], 0
        work = Round(
            now=now,
            guidance=guidance,
            dispatching=dispatching,
            compose=compose,
            pauses=await operations.list_pauses(connection),
            resting=await operations.list_open_breakers(connection, now=now),
        )
        known, revisions = await lock_and_read_known(connection, claimed, now=now)
        await _decide(connection, claimed, work, known, revisions)
        await _write(connection, work)
    log.info("claimed", people=len(claimed), decided=len(work.made), calls=len(work.calls))
    return work.calls, len(claimed)


async def _decide(
    connection: Connection,
    claimed: Sequence[str],
    work: Round,
    known: dict[str, PersonFacts],
    revisions: Mapping[str, int],
) -> None:
    by_person: defaultdict[str, list[Touch]] = defaultdict(list)
    for touch in await touches.read_due_touches(connection, claimed, soon=work.now + LOOKS_AHEAD):
        by_person[touch.person_id].append(touch)
    sharing: defaultdict[str | None, list[str]] = defaultdict(list)
    for person, each_known in known.items():
        for address in each_known.shared_addresses:
            sharing[address].append(person)
    for number, (person, planned) in enumerate(by_person.items()):
        if number % _AT_A_STRETCH == 0:
            await asyncio.sleep(0)  # calls that have passed the gate must not wait until all are decided
        due = [touch for touch in planned if touch.due_at <= work.now]
        later = [touch for touch in planned if touch.due_at > work.now]
        asked = [touch for touch in due if not work.holds_back(touch)]
        decided = decide_touches(
            asked, later=later, known=known[person], policy=work.guidance.policy, now=work.now
        )
        for verdict in decided:
            reserved = len(work.reserved)
            work.carry_out(verdict, known[person], revision=revisions[person])
            for entry in work.reserved[reserved:]:
                _count_for_others(entry, known, sharing[entry.address])


def _count_for_others(entry: Entry, known: dict[str, PersonFacts], sharing: Sequence[str]) -> None:
    """Let those of this claim who share the address see the reservation, as a later claim would."""
    for person in sharing:
        if person != entry.person_id:
            facts = known[person]
            known[person] = replace(facts, ledger=[*facts.ledger, ledger.of_another(entry.contact)])


async def _write(connection: Connection, work: Round) -> None:
    policy, now = work.guidance.policy.version, work.now
    await decisions.record_decisions(connection, work.made, policy=policy, now=now)
    await touches.defer_touches(connection, work.deferred, now=now)
    await touches.park_touches(connection, work.parked, now=now)
    await touches.close_touches(connection, work.closed, policy=policy, now=now)
    await attempts.write_attempts(
        connection,
        work.attempts,
        policy=policy,
        wordings=work.guidance.wordings.version,
        leased_until=now + work.dispatching.lease,
        now=now,
    )
    await touches.begin_sending(connection, work.begun, policy=policy, now=now)
    await ledger.record_contacts(connection, work.reserved)
    await outbox.append(connection, work.news, source=announce.SOURCE)
    replanned = sorted(work.replanned)
    if replanned:
        owed = await debts.read_debts(connection, replanned)
        await plan_debts(connection, owed, playbook=work.guidance.playbook, now=now)
