"""Reads policy cases, each a question with its expected answer, and judges a policy by them."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path as FilePath
from typing import TypeAlias

from msgspec.structs import replace

from foundation.clock import render_instant
from outreach.guidance.files.policy import read_document
from outreach.guidance.files.problems import ConfigError, Finding
from outreach.guidance.files.shaped import shaped
from outreach.guidance.files.yaml_text import Document, Path
from outreach.guidance.trying.case_shapes import (
    CaseShape,
    CasesShape,
    ConsentShape,
    ContactShape,
    ExpectShape,
    FactsShape,
    PersonShape,
)
from outreach.model.contact import Contact
from outreach.model.decision import Decision, Defer, Send, Suppress, decision_words
from outreach.model.person import (
    Address,
    Consent,
    Evidence,
    Facts,
    Hold,
    Inbound,
    NumberCheck,
    OptOut,
    PersonEvent,
    Wishes,
)
from outreach.model.words import Reason
from outreach.policy.engine import decide
from outreach.policy.evidence import locate
from outreach.policy.policy import Policy
from outreach.policy.situation import Situation, Subject
from outreach.policy.zones import instant_of

#: Turns raw messages among the facts into what they mean, as the live service does on arrival.
Understand: TypeAlias = Callable[[Facts], Facts]
#: Turns an instant, or a bare date, into the instant it is where the person is.
_Local: TypeAlias = Callable[[datetime | date], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """`until` belongs to a deferral; `reason` must be among the reasons given."""

    decision: str
    until: datetime | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A question, and what is expected."""

    id: str
    title: str
    situation: Situation
    expected: Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """What a case came to. `complaint` says what differs; None: it passed."""

    case: Case
    decision: Decision
    complaint: str | None


def read_cases(file: FilePath, *, packs: Collection[str]) -> list[Case]:
    """Read a case file; `packs` are the names that exist.

    Raises:
        ConfigError: it cannot be read or a case is malformed; every problem is listed.
    """
    return cases_of(read_document(file), packs=packs)


def cases_of(document: Document, *, packs: Collection[str]) -> list[Case]:
    """Return the cases of a document that has been read.

    Raises:
        ConfigError: a case is malformed; every problem is listed.
    """
    shape = shaped(document, CasesShape)
    problems = list(_problems(document, shape, packs))
    if problems:
        raise ConfigError(problems)
    return [_case(case) for case in shape.cases]


def judge(case: Case, policy: Policy, *, understand: Understand) -> CaseResult:
    """Decide a case and compare."""
    situation = replace(case.situation, facts=understand(case.situation.facts))
    decision = decide(situation, policy)
    return CaseResult(case=case, decision=decision, complaint=_complaint(case.expected, decision))


def _complaint(expected: Expected, decision: Decision) -> str | None:
    match expected.decision, decision:
        case "send", Send():
            return None
        case "defer", Defer(until, reasons) if until == expected.until and expected.reason in reasons:
            return None
        case "suppress", Suppress(reasons) if expected.reason in reasons:
            return None
    when = f" until {render_instant(expected.until)}" if expected.until else ""
    reason = f" ({expected.reason})" if expected.reason else ""
    return f"expected {expected.decision}{when}{reason}, got {decision_words(decision)}"


def _problems(document: Document, shape: CasesShape, packs: Collection[str]) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, case in enumerate(shape.cases):
        path: Path = ("cases", number)
        if case.id in seen:
            yield document.problem((*path, "id"), f"two cases are called {case.id}", "give each its own id")
        seen.add(case.id)
        for place, name in enumerate(case.packs or ()):
            if name not in packs:
                fix = f"write one of {', '.join(sorted(packs))}"
                yield document.problem((*path, "packs", place), f"no pack is called `{name}`", fix)


def _case(shape: CaseShape) -> Case:
    evidence = _evidence(shape.person)
    zones = locate(evidence).zones

    def local(moment: datetime | date) -> datetime:
        return instant_of(moment, zones)

    return Case(
        id=shape.id,
        title=shape.title,
        situation=Situation(
            now=shape.at,
            role=shape.role,
            subject=Subject(
                channel=shape.touch.channel,
                purpose=shape.touch.purpose,
                debt=shape.touch.debt,
                in_reply_to=shape.touch.in_reply_to,
                agreed_at=shape.touch.agreed_at,
                expires_at=shape.touch.expires_at,
                key=shape.touch.key,
                creditor=shape.touch.creditor,
                portfolio=shape.touch.portfolio,
                play=shape.touch.play,
            ),
            evidence=evidence,
            wishes=_wishes(shape.person),
            facts=_facts(shape.facts, local, now=shape.at),
            ledger=tuple(_contact(contact, local) for contact in shape.history),
            packs=None if shape.packs is None else tuple(shape.packs),
        ),
        expected=_expected(shape.expect),
    )


def _evidence(person: PersonShape) -> Evidence:
    address = person.address
    addresses = () if address is None else (
        Address(country=address.country, region=address.region, postal_code=address.postal_code),
    )  # fmt: skip
    return Evidence(addresses=addresses, phones=tuple(person.phones), zones=tuple(person.zones))


def _wishes(person: PersonShape) -> Wishes:
    return Wishes(
        convenient=tuple(window.window() for window in person.convenient),
        inconvenient=tuple(window.window() for window in person.inconvenient),
        refused_channels=frozenset(person.refused_channels),
    )


def _facts(shape: FactsShape, local: _Local, *, now: datetime) -> Facts:
    check = shape.number_check
    return Facts(
        consents={channel: _consents(consents, local) for channel, consents in shape.consents.items()},
        last_inbound={channel: local(at) for channel, at in shape.last_inbound.items()},
        number_check=None if check is None else NumberCheck(at=local(check.at), result=check.result),
        opt_outs=tuple(
            OptOut(channel=opt_out.channel, at=now if opt_out.at is None else local(opt_out.at))
            for opt_out in shape.opt_outs
        ),
        inbound=tuple(
            Inbound(channel=message.channel, at=local(message.at), text=message.text)
            for message in shape.inbound
        ),
        work_address=frozenset(shape.work_address),
        holds=tuple(
            Hold(kind=hold.kind, since=hold.since, until=hold.until, days=hold.days) for hold in shape.holds
        ),
        notices=dict(shape.notices),
        events=tuple(PersonEvent(kind=event.kind, at=local(event.at)) for event in shape.events),
        validation_period_ends=shape.validation_period_ends,
        nothing_due=shape.balance is not None and shape.balance <= 0,
        unavailable=shape.unavailable,
    )


def _consents(shape: ConsentShape | list[ConsentShape], local: _Local) -> tuple[Consent, ...]:
    consents = shape if isinstance(shape, list) else [shape]
    return tuple(
        Consent(basis=consent.basis, at=None if consent.at is None else local(consent.at))
        for consent in consents
    )


def _contact(shape: ContactShape, local: _Local) -> Contact:
    return Contact(
        at=local(shape.at),
        channel=shape.channel,
        direction=shape.direction,
        debts=frozenset() if shape.debt is None else frozenset({shape.debt}),
        creditor=shape.creditor,
        purpose=shape.purpose,
        outcome=shape.outcome,
        in_reply_to=shape.in_reply_to,
        key=shape.key,
    )


def _expected(shape: ExpectShape) -> Expected:
    return Expected(decision=shape.decision, until=shape.until, reason=shape.reason)
