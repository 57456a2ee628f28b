"""Settle: what a provider call came to, written under the person's lock and announced with it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import assert_never
from uuid import UUID

from msgspec import Struct

from foundation import outbox
from foundation.backoff import back_off
from foundation.clock import Clock
from foundation.database import Connection, Database
from foundation.outbox import OutgoingEvent
from outreach.announcing import touches as announce
from outreach.listening.close_addresses import close_addresses
from outreach.model.attempt import Settlement
from outreach.model.outcome import (
    Accepted,
    NotSent,
    Outcome,
    Refused,
    Unknown,
    blames_provider,
    shows_it_works,
)
from outreach.model.playbook import Playbook
from outreach.model.suppression import Suppression
from outreach.model.touch import TouchProgress, TouchStatus
from outreach.model.words import ContactOutcome
from outreach.planning.follow_up import plan_next
from outreach.sending.claim_result import Call
from outreach.sending.dispatching import Dispatching
from outreach.store import attempts, breakers, ledger, people, touches
from outreach.store.attempts import SettledAttempt
from schemas.addresses import comparable


class ProviderAnswer(Struct, frozen=True):
    """A call and what it came to."""

    call: Call
    outcome: Outcome


async def settle(
    answered: Sequence[ProviderAnswer],
    *,
    database: Database,
    clock: Clock,
    playbook: Playbook,
    dispatching: Dispatching,
) -> None:
    """Write what these calls came to, with the ledger and the events, in one transaction.

    What certainly never left is released and tried again with back-off; what may have left
    stays counted. A receipt that came first is not undone.

    Raises:
        DatabaseUnavailable: nothing was written; settling the same again is safe, and recovery
            settles what nobody did.
    """
    now = clock.now()
    outcomes = {answer.call.attempt_id: answer.outcome for answer in answered}
    async with database.transaction() as connection:
        sharing = await people.list_people_at(connection, _closing_addresses(answered))
        await people.lock_people(connection, {*sharing, *(answer.call.person_id for answer in answered)})
        settled = await attempts.settle_attempts(
            connection, {attempt: _writing(outcome).attempt for attempt, outcome in outcomes.items()}, now=now
        )
        moved, freed = await _move_touches(connection, settled, answered=answered, now=now)
        await ledger.settle_contacts(
            connection,
            {
                attempt.attempt_id: (_writing(outcomes[attempt.attempt_id]).contact, now)
                for attempt in settled
                if attempt.receipt is None
            },
        )
        closed = [*_suppressions_of(settled, outcomes, now=now)]
        news = await close_addresses(connection, closed, now=now)
        news += [_announce(progress, outcomes[progress.attempt_id], now=now) for progress in moved]
        await outbox.append(connection, news, source=announce.SOURCE)
        await plan_next(connection, moved, returned=freed, playbook=playbook, now=now)
        await _judge_providers(connection, answered, dispatching=dispatching, now=now)


async def _move_touches(
    connection: Connection,
    settled: Sequence[SettledAttempt],
    *,
    answered: Sequence[ProviderAnswer],
    now: datetime,
) -> tuple[list[TouchProgress], set[str]]:
    """Move touches on or back; return those that moved on, and the people of whom a contact was not made."""
    outcomes = {answer.call.attempt_id: answer.outcome for answer in answered}
    back, onward = {}, {}
    tries = {answer.call.attempt_id: answer.call.tries for answer in answered}
    for attempt in settled:
        outcome = outcomes[attempt.attempt_id]
        if isinstance(outcome, NotSent):
            wait = back_off(tries[attempt.attempt_id]) if outcome.retry_after is None else outcome.retry_after
            back[attempt.attempt_id] = (now + wait, outcome.code)
        else:
            writing = _writing(outcome)
            onward[attempt.attempt_id] = (writing.touch, writing.attempt.code)
    freed = await touches.return_touches(connection, back, now=now)
    freed |= {attempt.person_id for attempt in settled if isinstance(outcomes[attempt.attempt_id], Refused)}
    return await touches.advance_touches(connection, onward, now=now), freed


def _closing_addresses(answered: Iterable[ProviderAnswer]) -> set[str]:
    """Return the addresses that a refusal closes: others may have them too."""
    return {
        comparable(answer.call.message.to)
        for answer in answered
        if isinstance(answer.outcome, Refused) and (answer.outcome.opted_out or answer.outcome.unreachable)
    }


def _suppressions_of(
    settled: Sequence[SettledAttempt], outcomes: Mapping[UUID, Outcome], *, now: datetime
) -> Iterator[Suppression]:
    for attempt in settled:
        outcome, suppression_id = outcomes[attempt.attempt_id], f"provider:{attempt.attempt_id}"
        address, channel = attempt.address, attempt.channel
        match outcome:
            case Refused(opted_out=True):
                yield Suppression.opt_out(
                    suppression_id, person_id=attempt.person_id, address=address, channel=channel, at=now
                )
            case Refused(unreachable=True):
                yield Suppression.unreachable(suppression_id, address=address, channel=channel, at=now)
            case _:
                pass


async def _judge_providers(
    connection: Connection, answered: Sequence[ProviderAnswer], *, dispatching: Dispatching, now: datetime
) -> None:
    """Count what is the provider's or our account's fault; at the limit in a row the provider gets a rest."""
    in_a_row: dict[str, int] = {}
    works: set[str] = set()
    for answer in answered:
        provider = answer.call.provider
        if shows_it_works(answer.outcome):
            works.add(provider)
            in_a_row[provider] = 0
        elif blames_provider(answer.outcome):
            in_a_row[provider] = in_a_row.get(provider, 0) + 1
    if works:
        answers = [answer.call.attempt_id for answer in answered if shows_it_works(answer.outcome)]
        await breakers.forgive(connection, works, attempts=answers, now=now)
    for provider, failures in sorted(in_a_row.items()):
        if failures:
            await breakers.count_failures(
                connection,
                provider,
                failures,
                limit=dispatching.breaker_failures,
                rest=dispatching.breaker_rest,
                now=now,
            )
    failed = [answer.call.attempt_id for answer in answered if blames_provider(answer.outcome)]
    if failed:
        await breakers.fail_trials(connection, failed, rest=dispatching.breaker_rest, now=now)


def _announce(moved: TouchProgress, outcome: Outcome, *, now: datetime) -> OutgoingEvent:
    return announce.attempted(moved, code=_writing(outcome).attempt.code, segments=None, now=now)


class _Writing(Struct, frozen=True):
    """What is written of an outcome: at the attempt, in the ledger, and where its touch stands then."""

    attempt: Settlement
    contact: ContactOutcome
    touch: TouchStatus


def _writing(outcome: Outcome) -> _Writing:
    match outcome:
        case Accepted(message_id):
            accepted = Settlement("accepted", provider_message_id=message_id)
            return _Writing(accepted, ContactOutcome.ACCEPTED, TouchStatus.ACCEPTED)
        case Refused(code=code):
            return _Writing(Settlement("refused", code=code), ContactOutcome.REFUSED, TouchStatus.REFUSED)
        case NotSent(code=code):
            # The plan stands: the touch goes back to it and is tried again.
            return _Writing(Settlement("not_sent", code=code), ContactOutcome.NOT_SENT, TouchStatus.PLANNED)
        case Unknown(cause=cause):
            return _Writing(Settlement("unknown", code=cause), ContactOutcome.UNKNOWN, TouchStatus.UNKNOWN)
        case _:
            assert_never(outcome)
