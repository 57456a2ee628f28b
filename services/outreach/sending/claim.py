"""Claim: lock people with due touches, read what is known of them, decide, reserve, and write it all down.

Two statements on purpose: what is read after the locks cannot be older than them.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog
from msgspec.structs import replace

from foundation import outbox
from foundation.clock import Clock
from foundation.database import Connection, Database
from outreach.announcing import touches as announce
from outreach.guidance.guidance import Guidance
from outreach.model.flow import FlowCaps
from outreach.model.known import PersonFacts
from outreach.model.playbook import ANSWERS
from outreach.model.touch import Touch
from outreach.planning.plan import plan_debts
from outreach.sending.claim_context import ClaimContext
from outreach.sending.claim_result import Call, ClaimResult
from outreach.sending.compose import Compose
from outreach.sending.decide import decide_touches
from outreach.sending.dispatching import Dispatching
from outreach.sending.flow import Flow, caps_over
from outreach.sending.known import lock_and_read_known
from outreach.store import (
    attempts,
    breakers,
    debts,
    decisions,
    flows,
    hand_offs,
    ledger,
    operations,
    people,
    touches,
)
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
        known, revisions = await lock_and_read_known(connection, claimed, now=now)
        planned = await touches.read_due_touches(connection, claimed, soon=now + LOOKS_AHEAD, now=now)
        answered = {touch.person_id for touch in planned if touch.play == ANSWERS}
        context = ClaimContext(
            now=now,
            guidance=guidance,
            dispatching=dispatching,
            compose=compose,
            pauses=await operations.list_pauses(connection),
            failing=await breakers.read_breakers(connection),
            waiting=await hand_offs.list_waits(connection, answered),
            flow=await _read_flow(connection, guidance.playbook.flow_caps, planned, now=now),
        )
        due = Counter(touch.person_id for touch in planned if touch.due_at <= now)
        await touches.let_wait(
            connection, [person for person, count in due.items() if count >= touches.AT_ONCE], now=now
        )
        result = await _decide(context, planned, known=known, revisions=revisions)
        await _write(connection, result)
    log.info("claimed", people=len(claimed), decided=len(result.made), calls=len(result.calls))
    return result.calls, len(claimed)


async def _read_flow(
    connection: Connection, caps: FlowCaps, planned: Sequence[Touch], *, now: datetime
) -> Flow:
    """Count what began within the hour under the caps that due touches fall under, and hold their locks."""
    due = (touch for touch in planned if touch.due_at <= now) if caps else ()
    names = {name for touch in due for name in caps_over(touch, caps)}
    if not names:
        return Flow(caps=caps, now=now)
    await flows.lock_flows(connection, names)
    return Flow(caps=caps, now=now, begun=await flows.read_flows(connection, names, now=now))


async def _decide(
    context: ClaimContext,
    planned: Sequence[Touch],
    *,
    known: dict[str, PersonFacts],
    revisions: Mapping[str, int],
) -> ClaimResult:
    """Decide everybody's due touches, person by person; nothing is read or written meanwhile."""
    result, now = ClaimResult(context), context.now
    by_person: defaultdict[str, list[Touch]] = defaultdict(list)
    for touch in planned:
        by_person[touch.person_id].append(touch)
    sharing = _people_by_address(known)
    for number, (person, touches_of_person) in enumerate(by_person.items()):
        if number % _AT_A_STRETCH == 0:
            await asyncio.sleep(0)  # calls that have passed the gate must not wait until all are decided
        due = [touch for touch in touches_of_person if touch.due_at <= now]
        later = [touch for touch in touches_of_person if touch.due_at > now]
        asked = [touch for touch in due if not result.holds_back(touch)]
        decided = decide_touches(
            asked,
            later=later,
            known=known[person],
            policy=context.guidance.policy,
            now=now,
            merges=partial(context.merges, known=known[person]),
            look_alike=context.look_alike,
            draft=partial(context.compose.draft, known=known[person], guidance=context.guidance),
        )
        for decision in decided:
            reserved = len(result.reserved)
            result.carry_out(decision, known[person], revision=revisions[person])
            for entry in result.reserved[reserved:]:
                _count_for_other_ids(entry, known)
                _count_for_others(entry, known, sharing=sharing.get(entry.address, ()))
    return result


def _people_by_address(known: Mapping[str, PersonFacts]) -> Mapping[str | None, Sequence[str]]:
    sharing: defaultdict[str | None, list[str]] = defaultdict(list)
    for person, facts in known.items():
        for address in facts.shared_addresses:
            sharing[address].append(person)
    return sharing


def _count_for_other_ids(entry: Entry, known: dict[str, PersonFacts]) -> None:
    """Let other ids of the same person in this claim see the reservation, as a later claim would."""
    for other in known[entry.person_id].other_ids & known.keys():
        facts = known[other]
        known[other] = replace(facts, ledger=[*facts.ledger, entry.contact])


def _count_for_others(entry: Entry, known: dict[str, PersonFacts], *, sharing: Sequence[str]) -> None:
    """Let those of this claim who share the address see the reservation, as a later claim would."""
    for person in sharing:
        facts = known[person]
        if person != entry.person_id and entry.person_id not in facts.other_ids:
            known[person] = replace(facts, ledger=[*facts.ledger, ledger.of_another(entry.contact)])


async def _write(connection: Connection, result: ClaimResult) -> None:
    guidance, policy, now = result.context.guidance, result.context.policy, result.context.now
    await decisions.record_decisions(connection, result.made, policy=policy, now=now)
    await touches.defer_touches(connection, result.deferred, now=now)
    await touches.park_touches(connection, result.parked, now=now)
    await touches.close_touches(connection, result.closed, policy=policy, now=now)
    await attempts.write_attempts(
        connection,
        result.attempts,
        policy=policy,
        wordings=guidance.wordings.version,
        leased_until=now + result.context.dispatching.lease,
        now=now,
    )
    await touches.begin_sending(connection, result.begun, policy=policy, now=now)
    await ledger.record_contacts(connection, result.reserved)
    await flows.add_to_flows(connection, result.context.flow.added, now=now)
    await outbox.append(connection, result.news, source=announce.SOURCE)
    replanned = sorted(result.replanned)
    if replanned:
        owed = await debts.read_debts(connection, replanned)
        await plan_debts(connection, owed, playbook=guidance.playbook, now=now)
