"""The audit: everything that was sent, checked once more by other means than those that decided it.

It shares with the deciding code the compiled zone tables and the parsed config, and nothing else.
So it has a `Contact` and `Facts` of its own, read from what was recorded: they bear the names of the
values that were decided on, and share no code with them.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Any
from uuid import UUID

import msgspec

from foundation.database import Database
from outreach.audit.amounts import DebtThen
from outreach.audit.counting import over_caps, too_soon
from outreach.audit.hours import bad_hours, blackout_days
from outreach.audit.message import Message
from outreach.audit.policies import Policies
from outreach.audit.recorded import Contact, read_situation
from outreach.audit.required_words import lacks_words
from outreach.audit.rights import (
    FOR_A_HUMAN,
    closed,
    held,
    lacks_consent,
    lacks_notice,
    may_pass_a_stop,
    pointless,
    was_opened_by_the_person,
)
from outreach.audit.saying import Said, SaidTouch, untrue
from outreach.audit.sent import Books, Called, LedgerContact, Stop, Written, read_books
from outreach.policy.policy import Policy

#: A stop that came while a call was passing its gate: the webhook was not answered yet.
_NOT_YET_ANSWERED = timedelta(seconds=5)

#: Each check says what is wrong with a message, as lines for a reader.
CHECKS: Mapping[str, Callable[[Message], Iterable[str]]] = {
    "hours": bad_hours,
    "blackout_days": blackout_days,
    "caps": over_caps,
    "spacing": too_soon,
    "consent": lacks_consent,
    "notices": lacks_notice,
    "holds": held,
    "opt_outs": closed,
    "purpose": pointless,
    "required_words": lacks_words,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A message that should not have gone out as it did. `problem` names no address and no words."""

    check: str
    person_id: str
    attempt_id: UUID
    called_at: datetime
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What the audit looked at and what it found. `notes` are what it could not check, and why.

    `mistaken` are stops that staff marked as recorded by mistake, whose word the audit takes and shows.
    """

    since: datetime
    messages: int
    people: int
    checks: int
    violations: Sequence[Violation]
    notes: Sequence[str]
    mistaken: Sequence[Stop] = ()


async def audit(*, database: Database, since: datetime) -> Findings:
    """Check every message whose call began at or after an instant.

    Raises:
        DatabaseUnavailable: nothing could be read.
    """
    async with database.transaction() as connection:
        books = await read_books(connection, since=since)
    return examine(books, since=since)


def examine(books: Books, *, since: datetime) -> Findings:
    """Check what the books hold. Pure."""
    policies = Policies(books.versions)
    ledger = _Ledger(books.made)
    stops = _Stops(books.stops)
    words = _Words(books)
    violations = list(_called_twice(books.called))
    checks = 1
    for called in books.called:
        if called.situation is None:
            violations.append(_violation("decision", called, "no decision to send it is on record"))
            continue
        policy = policies.in_force(called)
        if policy is None:
            violations.append(_violation("decision", called, "the config it was decided under is gone"))
            continue
        message = _message(called, called.situation, ledger, policy)
        violations += [
            _violation(name, called, problem) for name, check in CHECKS.items() for problem in check(message)
        ]
        violations += _of_the_call(message, stops)
        violations += [_violation("words", called, problem) for problem in untrue(words.of(message))]
        checks += len(CHECKS) + len(_OF_THE_CALL) + 1
    return Findings(
        since=since,
        messages=len({call.attempt_id for call in books.called}),
        people=len({call.person_id for call in books.called}),
        checks=checks,
        violations=sorted(
            violations, key=lambda violation: (violation.called_at, violation.person_id, violation.check)
        ),
        notes=policies.notes,
        mistaken=[stop for stop in books.stops if stop.mistaken_at is not None and stop.mistaken_at >= since],
    )


def _message(called: Called, situation: bytes, ledger: "_Ledger", policy: Policy) -> Message:
    recorded = read_situation(situation)
    return Message(
        called=called,
        situation=recorded,
        policy=policy,
        earlier=ledger.before(called, recorded.ledger),
    )


def _violation(check: str, called: Called, problem: str) -> Violation:
    return Violation(
        check=check,
        person_id=called.person_id,
        attempt_id=called.attempt_id,
        called_at=called.called_at,
        problem=problem,
    )


def _called_twice(every: Iterable[Called]) -> Iterator[Violation]:
    """One touch is called once; again only where the call before certainly reached nobody."""
    named = sorted(every, key=lambda call: call.touch_id)
    for _, group in groupby(named, key=lambda call: call.touch_id):
        calls = sorted(group, key=lambda call: call.called_at)
        for first, second in pairwise(calls):
            if first.attempt_id != second.attempt_id and first.became != "not_sent":
                yield _violation("called_twice", second, f"called before, at {first.called_at.isoformat()}")


class _Ledger:
    """The contacts that we made ourselves, as the ledger has them now."""

    def __init__(self, made: Iterable[LedgerContact]) -> None:
        self._of_person: defaultdict[str, list[LedgerContact]] = defaultdict(list)
        self._of_address: defaultdict[str, list[LedgerContact]] = defaultdict(list)
        for contact in made:
            self._of_person[contact.person_id].append(contact)
            if contact.address is not None:
                self._of_address[contact.address].append(contact)

    def before(self, called: Called, recorded: Sequence[Contact]) -> Sequence[Contact]:
        """Return what was known of others' contacts, and our own as the ledger has them.

        What went to the same address counts, whoever it was for; what another system made counts
        as far as it was known when the message was decided.
        """
        to_them = {
            contact.attempt_id: contact
            for contact in (*self._of_person[called.person_id], *self._of_address[called.address])
            if contact.attempt_id != called.attempt_id and contact.called_at <= called.called_at
        }
        ours = [_contact(own, of=called.person_id) for own in to_them.values()]
        # A contact at a shared address was recorded without a key: by its reservation, or as it ended.
        known = {(at, own.channel) for own in to_them.values() for at in (own.at, own.decided_at)}
        others = [
            contact
            for contact in recorded
            if contact.key is None and (contact.at, contact.channel) not in known
        ]
        return [*others, *ours]


def _contact(made: LedgerContact, *, of: str) -> Contact:
    is_theirs = made.person_id == of
    return Contact(
        at=made.called_at,
        channel=made.channel,
        debts=made.debts if is_theirs else frozenset(),
        purpose=made.purpose if is_theirs else None,
        outcome=made.outcome,
        in_reply_to=made.in_reply_to,
        key=made.key if is_theirs else None,
    )


class _Stops:
    """What closed a channel, by person and by address."""

    def __init__(self, stops: Iterable[Stop]) -> None:
        self._of: defaultdict[str, list[Stop]] = defaultdict(list)
        for stop in stops:
            for name in {stop.person_id, stop.address} - {None}:
                self._of[str(name)].append(stop)

    def standing(self, message: Message) -> Iterator[Stop]:
        """Give those that were heard before the call and not rightly lifted by then."""
        called = message.called
        by_id = {
            stop.suppression_id: stop
            for name in (called.person_id, called.address)
            for stop in self._of[name]
        }
        at = called.called_at
        for violation in by_id.values():
            binds = violation.address in (None, called.address) or (
                violation.kind == "opted_out" and violation.person_id == called.person_id
            )
            if (
                binds
                and violation.channel in (None, called.channel)
                and violation.heard_at + _NOT_YET_ANSWERED < at
                and (
                    violation.lifted_at is None
                    or violation.lifted_at > at
                    or not was_opened_by_the_person(violation, message)
                )
                and (violation.until is None or violation.until > at)
                and (violation.mistaken_at is None or violation.mistaken_at > at)
            ):
                yield violation


class _Words:
    """What each message said, with what was known of its debts when it was decided."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._written: defaultdict[UUID, list[Written]] = defaultdict(list)
        for written in books.written:
            self._written[written.attempt_id].append(written)

    def of(self, message: Message) -> Said:
        called, parts = message.called, self._written[message.called.attempt_id]
        return Said(
            text=parts[0].text if parts else "",
            touches=[
                SaidTouch(debt_id=part.debt_id, occasion=part.occasion, details=part.details)
                for part in parts
            ],
            debts={
                part.debt_id: DebtThen(
                    facts=self._books.debts[called.person_id, part.debt_id],
                    heard=self._books.heard,
                    at=called.decided_at,
                )
                for part in parts
                if (called.person_id, part.debt_id) in self._books.debts
            },
            zones=message.places.zones,
        )


def _of_the_call(message: Message, stops: _Stops) -> Iterator[Violation]:
    for name, check in _OF_THE_CALL.items():
        for problem in check(message, stops):
            yield _violation(name, message.called, problem)


def _after_a_stop(message: Message, stops: _Stops) -> Iterator[str]:
    """Say which stop, as listening recorded it, the call came after."""
    spoken = message.situation.subject.in_reply_to
    for stop in stops.standing(message):
        confirms = stop.kind == "opted_out" and may_pass_a_stop(message)
        answers = spoken is not None and stop.heard_at == spoken
        by_a_human = stop.kind in FOR_A_HUMAN and message.is_a_humans_answer
        if not confirms and not answers and not by_a_human:
            yield f"{stop.kind} since {stop.heard_at.isoformat()}"


def _not_as_decided(message: Message, _stops: _Stops) -> Iterator[str]:
    """Say where the call was not the one decided: another channel, too early or too late."""
    called = message.called
    if not called.decided_at <= called.called_at < called.valid_until:
        yield f"decided at {called.decided_at.isoformat()}, valid until {called.valid_until.isoformat()}"
    if message.situation.now != called.decided_at:
        yield "the decision on record is of another instant"


_OF_THE_CALL: Mapping[str, Callable[[Message, _Stops], Iterable[str]]] = {
    "after_a_stop": _after_a_stop,
    "as_decided": _not_as_decided,
}


def findings_as_builtins(findings: Findings) -> dict[str, Any]:
    """Return the findings for JSON; `by_check` counts the violations of every check, none left out."""
    by_check = Counter(violation.check for violation in findings.violations)
    every = ("decision", "called_twice", "words", *CHECKS, *_OF_THE_CALL)
    return {**msgspec.to_builtins(findings), "by_check": {check: by_check[check] for check in every}}
