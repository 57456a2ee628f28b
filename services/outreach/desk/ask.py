"""Ask: why was this (not) sent, when will it go, may somebody else contact them? Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from foundation.database import Connection, Database
from outreach.model.attempt import StoredAttempt
from outreach.model.contact import Contact
from outreach.model.known import PersonFacts
from outreach.model.touch import Touch
from outreach.model.words import Channel, Purpose, Role
from outreach.planning.whereabouts import evidence_of
from outreach.policy.explanation import Explanation, explain
from outreach.policy.policy import Policy
from outreach.policy.situation import Situation, Subject
from outreach.sending.decide import channels_of, situation_of
from outreach.sending.facts import facts_of, wishes_of
from outreach.sending.known import read_known
from outreach.store import attempts, decisions, touches
from outreach.store.decisions import StoredDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonStory:
    """A touch, what was decided of it, and the provider calls it led to, oldest first."""

    touch: Touch
    decisions: list[StoredDecision]
    attempts: list[StoredAttempt]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What the policy says of a touch on one channel at an instant, with what is known now."""

    touch: Touch
    channel: Channel
    explanation: Explanation


class UnknownPerson(Exception):
    """Nobody of this id is known."""


class UnknownDebt(Exception):
    """The person owes no debt of this id."""


async def tell_stories(
    connection: Connection, *, person_id: str | None, touch_id: UUID | None
) -> list[PersonStory]:
    """Return the touches of a person, or the one named, with all that became of them."""
    found = await _touches(connection, person_id=person_id, touch_id=touch_id)
    recorded = await decisions.list_decisions_of(connection, [touch.touch_id for touch in found])
    people = sorted({touch.person_id for touch in found})
    made = [attempt for person in people for attempt in await attempts.list_attempts_of(connection, person)]
    return [
        PersonStory(
            touch=touch,
            decisions=[decision for decision in recorded if decision.touch_id == touch.touch_id],
            attempts=[attempt for attempt in made if touch.touch_id in (attempt.touch_id, *attempt.others)],
        )
        for touch in found
    ]


async def what_if(
    database: Database, *, person_id: str | None, touch_id: UUID | None, policy: Policy, at: datetime
) -> list[WhatIf]:
    """Return what the policy would say at an instant of what is planned, with what is known now."""
    async with database.reading() as connection:
        planned = await _touches(connection, person_id=person_id, touch_id=touch_id)
        known = await read_known(connection, sorted({touch.person_id for touch in planned}), now=at)
    return [
        WhatIf(
            touch=touch,
            channel=channel,
            explanation=explain(
                situation_of(touch, channel, known=facts, ledger=_before(facts, at), now=at), policy
            ),
        )
        for touch in planned
        for facts in [known[touch.person_id]]
        for channel in channels_of(touch, facts)
    ]


async def look_ahead(
    connection: Connection, planned: Sequence[Touch], *, policy: Policy, now: datetime
) -> list[WhatIf]:
    """Return what the policy would say of each of these touches when it is due, with what is known now.

    Of one that was deferred it is asked now: when it is due again nothing that is known will hold it.
    """
    known = await read_known(connection, sorted({touch.person_id for touch in planned}), now=now)
    return [
        WhatIf(
            touch=touch,
            channel=channel,
            explanation=explain(
                situation_of(
                    touch,
                    channel,
                    known=facts,
                    ledger=tuple(facts.ledger),
                    now=max(now, touch.due_at) if touch.until is None else now,
                ),
                policy,
            ),
        )
        for touch in planned
        for facts in [known[touch.person_id]]
        for channel in channels_of(touch, facts)
    ]


async def may_contact(
    database: Database,
    *,
    person_id: str,
    debt_id: str | None,
    channel: Channel,
    purpose: Purpose,
    role: Role,
    policy: Policy,
    at: datetime,
) -> Explanation:
    """Say whether somebody else may contact this person.

    Asking reserves nothing: what is done is reported by `contact.recorded`. The database is held
    for the reading alone, not while the policy is asked.

    Raises:
        UnknownPerson: nobody of this id is known.
        UnknownDebt: they owe no debt of this id: whatever held for it is not known here.
    """
    async with database.reading() as connection:
        known = await read_known(connection, [person_id], now=at)
    if person_id not in known:
        raise UnknownPerson
    facts = known[person_id]
    debt = facts.debts.get(debt_id) if debt_id is not None else None
    if debt_id is not None and debt is None:
        raise UnknownDebt
    placement = debt.placement.value if debt is not None and debt.placement is not None else None
    situation = Situation(
        now=at,
        role=placement.role if placement is not None else role,
        subject=Subject(
            channel=channel,
            purpose=purpose,
            debt=debt_id,
            creditor=placement.creditor if placement is not None else None,
            portfolio=placement.portfolio if placement is not None else None,
        ),
        evidence=evidence_of(facts.snapshot),
        wishes=wishes_of(facts.snapshot),
        facts=facts_of(facts, debt, channel),
        ledger=_before(facts, at),
    )
    return explain(situation, policy)


async def _touches(connection: Connection, *, person_id: str | None, touch_id: UUID | None) -> list[Touch]:
    if touch_id is not None:
        touch = await touches.find_touch(connection, touch_id)
        return [touch] if touch is not None else []
    return await touches.list_touches_of(connection, person_id or "")


def _before(known: PersonFacts, at: datetime) -> tuple[Contact, ...]:
    """Return the contacts made by then: what came later was not known."""
    return tuple(contact for contact in known.ledger if contact.at <= at)
