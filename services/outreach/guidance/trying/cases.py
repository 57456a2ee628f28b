"""Policy cases: one question each, with the answer that is expected."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias, TypeVar

from msgspec.structs import replace

from outreach.guidance.files.instants import parse_instant, parse_moment, render_instant
from outreach.guidance.files.policy import read_document
from outreach.guidance.files.problems import ConfigError, Problem
from outreach.guidance.files.shaped import shaped
from outreach.guidance.files.spellings import parse_date, parse_window
from outreach.guidance.files.yaml_text import Document
from outreach.guidance.trying.case_shapes import (
    CaseShape,
    CasesShape,
    CaseWindow,
    ConsentShape,
    ContactShape,
    ExpectShape,
    FactsShape,
    PersonShape,
)
from outreach.model.contact import Contact
from outreach.model.decision import Decision, Defer, Send, Suppress
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
from outreach.model.window import WeeklyWindow
from outreach.model.words import Reason
from outreach.policy.engine import decide
from outreach.policy.evidence import locate
from outreach.policy.policy import Policy
from outreach.policy.situation import Situation, Subject
from outreach.policy.zones import instant_of, zone

T = TypeVar("T")

#: Turns raw messages among the facts into what they mean, as the live service does on arrival.
Understand: TypeAlias = Callable[[Facts], Facts]


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


def read_cases(file: Path, *, packs: Collection[str]) -> list[Case]:
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
    return [_case(each) for each in shape.cases]


def judge(case: Case, policy: Policy, *, understand: Understand) -> CaseResult:
    """Decide a case and compare."""
    situation = replace(case.situation, facts=understand(case.situation.facts))
    decision = decide(situation, policy)
    return CaseResult(case=case, decision=decision, complaint=_complaint(case.expected, decision))


def describe(decision: Decision) -> str:
    """Say a decision in a line."""
    match decision:
        case Send():
            return "send"
        case Defer(until, reasons):
            return f"defer until {render_instant(until)} ({', '.join(reasons)})"
        case Suppress(reasons):
            return f"suppress ({', '.join(reasons)})"


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
    return f"expected {expected.decision}{when}{reason}, got {describe(decision)}"


def _problems(document: Document, shape: CasesShape, packs: Collection[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, case in enumerate(shape.cases):
        path: tuple[str | int, ...] = ("cases", number)
        if case.id in seen:
            yield document.problem((*path, "id"), f"two cases are called {case.id}", "give each its own id")
        seen.add(case.id)
        for place, name in enumerate(case.packs or ()):
            if name not in packs:
                fix = f"write one of {', '.join(sorted(packs))}"
                yield document.problem((*path, "packs", place), f"no pack is called `{name}`", fix)
        yield from _person_problems(document, (*path, "person"), case.person)


def _person_problems(
    document: Document, path: tuple[str | int, ...], person: PersonShape
) -> Iterator[Problem]:
    for number, name in enumerate(person.zones):
        try:
            zone(name)
        except (KeyError, ValueError, OSError):
            fix = 'write a name such as "America/New_York"'
            yield document.problem((*path, "zones", number), f"{name!r} is no time zone", fix)
    for key in ("convenient", "inconvenient"):
        for number, window in enumerate(getattr(person, key)):
            try:
                _window(window)
            except ValueError as error:
                yield document.problem((*path, key, number), str(error))


def _case(shape: CaseShape) -> Case:
    evidence = _evidence(shape.person)
    zones = locate(evidence).zones

    def instant(text: str) -> datetime:
        return instant_of(parse_moment(text), zones)

    return Case(
        id=shape.id,
        title=shape.title,
        situation=Situation(
            now=parse_instant(shape.at),
            role=shape.role,
            subject=Subject(
                channel=shape.touch.channel,
                purpose=shape.touch.purpose,
                debt=shape.touch.debt,
                in_reply_to=_optional(parse_instant, shape.touch.in_reply_to),
                expires_at=_optional(parse_instant, shape.touch.expires_at),
                key=shape.touch.key,
                creditor=shape.touch.creditor,
                portfolio=shape.touch.portfolio,
                play=shape.touch.play,
            ),
            evidence=evidence,
            wishes=_wishes(shape.person),
            facts=_facts(shape.facts, instant, now=parse_instant(shape.at)),
            ledger=tuple(_contact(each, instant) for each in shape.history),
            packs=None if shape.packs is None else tuple(shape.packs),
        ),
        expected=_expected(shape.expect),
    )


def _evidence(person: PersonShape) -> Evidence:
    address = person.address
    found = () if address is None else (
        Address(country=address.country, region=address.region, postal_code=address.postal_code),
    )  # fmt: skip
    return Evidence(addresses=found, phones=tuple(person.phones), zones=tuple(person.zones))


def _wishes(person: PersonShape) -> Wishes:
    return Wishes(
        convenient=tuple(_window(each) for each in person.convenient),
        inconvenient=tuple(_window(each) for each in person.inconvenient),
        refused_channels=frozenset(person.refused_channels),
    )


def _window(shape: CaseWindow) -> WeeklyWindow:
    return parse_window(shape.days, shape.begins, shape.ends)


def _facts(shape: FactsShape, instant: Callable[[str], datetime], *, now: datetime) -> Facts:
    check = shape.number_check
    return Facts(
        consents={channel: _consents(each, instant) for channel, each in shape.consents.items()},
        last_inbound={channel: instant(at) for channel, at in shape.last_inbound.items()},
        number_check=None if check is None else NumberCheck(at=instant(check.at), result=check.result),
        opt_outs=tuple(
            OptOut(channel=each.channel, at=now if each.at is None else instant(each.at))
            for each in shape.opt_outs
        ),
        inbound=tuple(
            Inbound(channel=each.channel, at=instant(each.at), text=each.text) for each in shape.inbound
        ),
        work_address=frozenset(shape.work_address),
        holds=tuple(
            Hold(
                kind=each.kind,
                since=_optional(parse_moment, each.since),
                until=_optional(parse_moment, each.until),
                days=each.days,
            )
            for each in shape.holds
        ),
        notices={name: parse_date(day) for name, day in shape.notices.items()},
        events=tuple(PersonEvent(kind=each.kind, at=instant(each.at)) for each in shape.events),
        validation_period_ends=_optional(parse_date, shape.validation_period_ends),
        nothing_due=shape.balance is not None and Decimal(shape.balance) <= 0,
        unavailable=shape.unavailable,
    )


def _consents(
    shape: ConsentShape | list[ConsentShape], instant: Callable[[str], datetime]
) -> tuple[Consent, ...]:
    several = shape if isinstance(shape, list) else [shape]
    return tuple(Consent(basis=each.basis, at=_optional(instant, each.at)) for each in several)


def _contact(shape: ContactShape, instant: Callable[[str], datetime]) -> Contact:
    return Contact(
        at=instant(shape.at),
        channel=shape.channel,
        direction=shape.direction,
        debts=frozenset() if shape.debt is None else frozenset({shape.debt}),
        creditor=shape.creditor,
        purpose=shape.purpose,
        outcome=shape.outcome,
        in_reply_to=_optional(parse_instant, shape.in_reply_to),
        key=shape.key,
    )


def _expected(shape: ExpectShape) -> Expected:
    return Expected(decision=shape.decision, until=_optional(parse_instant, shape.until), reason=shape.reason)


def _optional(parse: Callable[[str], T], text: str | None) -> T | None:
    return None if text is None else parse(text)
