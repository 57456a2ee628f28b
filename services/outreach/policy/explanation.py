"""Why: a decision with every rule's answer, the facts each used, and the rule that binds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from outreach.model.decision import Decision, Defer, Send, Suppress
from outreach.model.words import Reason
from outreach.policy.engine import bans_of, conclude, suppresses
from outreach.policy.evidence import explain_evidence
from outreach.policy.hours import SEARCH, Hours
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.policy import ENGINE, AnyRule, Policy, Selection, Waiver
from outreach.policy.rules.blackout_dates import BlackoutDates
from outreach.policy.rules.contact_window import ContactWindow
from outreach.policy.rules.content import ChannelOrder, ContentRequired
from outreach.policy.rules.terms import Rule
from outreach.policy.situation import Situation
from outreach.policy.spans import MOMENT
from outreach.policy.zones import TZDATA_VERSION, in_force, local_times

#: The person's own times, which are no pack's rule.
WISHES: Final = "engine.wishes"


class Verdict(StrEnum):
    """What one rule answers."""

    NO_OBJECTION = "no objection"
    DEFER = "defer"
    SUPPRESS = "suppress"
    PASSED = "passed by the purpose"
    NOT_IN_FORCE = "not in force that day"
    NOT_ABOUT = "not about this message"
    CONTENT = "asks for content"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One rule's answer. `until` is when it would permit by itself; `facts` name no address.

    `dispute` says in what sources disagree about the rule, where they do.
    """

    rule: str
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    until: datetime | None = None
    facts: str = ""
    cite: str = ""
    confidence: str = ""
    dispute: str = ""
    shadow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What one piece of evidence proves by itself; `what` names a phone by its number in the list."""

    what: str
    zones: frozenset[str]
    jurisdictions: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A decision and its grounds. `binding` are the rules that set the answer, or its instant.

    `with_shadow` is what the decision would be if shadow rules bound; None where it is the same.
    `cautions` say what of the law is set aside and which packs are not sure. `local` is the next
    permitted instant on the clocks of each of the person's zones.
    """

    decision: Decision
    at: datetime
    policy_version: str
    tzdata_version: str
    packs: tuple[str, ...]
    evidence: tuple[Proof, ...]
    zones: frozenset[str]
    jurisdictions: frozenset[str]
    answers: tuple[Answer, ...]
    binding: tuple[str, ...]
    waivers: tuple[Waiver, ...]
    cautions: tuple[str, ...]
    next_instant: datetime | None
    local: Mapping[str, datetime]
    with_shadow: Decision | None


def explain(situation: Situation, policy: Policy) -> Explanation:
    """Return the decision `decide` would return, and why.

    Raises:
        LookupError: the situation names a pack that does not exist.
    """
    inquiry = Inquiry(situation)
    places = inquiry.evidence_places
    selection = policy.select(situation, places)
    bans = bans_of(selection.rules, inquiry)
    decision = conclude(inquiry, selection, bans)
    instant = _next_instant(decision, situation.now)
    return Explanation(
        decision=decision,
        at=situation.now,
        policy_version=policy.version,
        tzdata_version=TZDATA_VERSION,
        packs=selection.packs,
        evidence=tuple(
            Proof(what=what, zones=piece.zones, jurisdictions=piece.jurisdictions)
            for what, piece in explain_evidence(situation.evidence)
        ),
        zones=places.zones,
        jurisdictions=places.jurisdictions,
        answers=tuple(_answers(inquiry, policy, selection)),
        binding=tuple(_binding(decision, inquiry, policy, selection)),
        waivers=tuple(
            waiver for waiver in policy.waivers if waiver.rule.partition(".")[0] in selection.packs
        ),
        cautions=policy.cautions(selection.packs, situation.now.date()),
        next_instant=instant,
        local={} if instant is None else local_times(instant, places.zones),
        with_shadow=_with_shadow(inquiry, policy, selection, decision),
    )


def _next_instant(decision: Decision, now: datetime) -> datetime | None:
    match decision:
        case Send():
            return now
        case Defer(until, _):
            return until
        case Suppress():
            return None


def _answers(inquiry: Inquiry, policy: Policy, selection: Selection) -> Iterator[Answer]:
    subject, role = inquiry.subject, inquiry.situation.role
    yield _wishes_answer(inquiry, selection)
    for rule in (*ENGINE, *policy.rules_of(selection.packs)):
        if rule.terms.bind(subject, role, inquiry.evidence_places):
            yield _answer(rule, inquiry)
        elif rule not in ENGINE:
            yield _plain(rule, Verdict.NOT_ABOUT)


def _answer(rule: AnyRule, inquiry: Inquiry) -> Answer:
    standing = in_force(rule.terms.effective_from, rule.terms.effective_until, inquiry.zones)
    if not standing.covers(inquiry.now):
        return _plain(rule, Verdict.NOT_IN_FORCE)
    match rule:
        case ContactWindow() | BlackoutDates():
            return _hours_answer(rule, inquiry)
        case ContentRequired(blocks=blocks):
            return replace(_plain(rule, Verdict.CONTENT), facts=f"the message carries {', '.join(blocks)}")
        case ChannelOrder(order=order):
            return replace(
                _plain(rule, Verdict.CONTENT), facts=f"channels are tried in order {', '.join(order)}"
            )
        case _:
            return _rule_answer(rule, inquiry)


def _plain(rule: AnyRule, verdict: Verdict) -> Answer:
    terms = rule.terms
    return Answer(
        rule=terms.id,
        verdict=verdict,
        cite=terms.cite,
        confidence=terms.confidence,
        dispute=terms.note if terms.is_disputed else "",
        shadow=terms.shadow,
    )


def _rule_answer(rule: Rule, inquiry: Inquiry) -> Answer:
    bans = bans_of([rule], inquiry)
    standing = [ban for ban in bans if ban.span.covers(inquiry.now)]
    answer = replace(_plain(rule, Verdict.NO_OBJECTION), facts=rule.facts(inquiry))
    if not standing:
        forbidden = any(ban.span.covers(inquiry.now) for ban in rule.forbids(inquiry))
        return replace(answer, verdict=Verdict.PASSED) if forbidden else answer
    reasons = tuple(dict.fromkeys(ban.reason for ban in standing))
    if any(suppresses(ban) for ban in standing):
        return replace(answer, verdict=Verdict.SUPPRESS, reasons=reasons)
    return replace(answer, verdict=Verdict.DEFER, reasons=reasons, until=_end(bans, inquiry.now))


def _end(bans: Sequence[Ban], now: datetime) -> datetime:
    at = now
    while standing := [ban.span.ends for ban in bans if ban.span.covers(at)]:
        at = max(standing)
    return at


def _hours_answer(rule: ContactWindow | BlackoutDates, inquiry: Inquiry) -> Answer:
    windows = (rule,) if isinstance(rule, ContactWindow) else ()
    days = (rule,) if isinstance(rule, BlackoutDates) else ()
    alone = Hours(windows, days, zones=inquiry.zones, wishes=inquiry.situation.wishes)
    answer = replace(_plain(rule, Verdict.NO_OBJECTION), facts=_clocks(rule, inquiry))
    if isinstance(rule, ContactWindow):
        forbidden, reason = alone.window_forbids(rule, inquiry.now), Reason.OUTSIDE_CONTACT_WINDOW
    else:
        forbidden, reason = alone.blackout_forbids(rule, inquiry.now), Reason.BLACKOUT_DAY
    if not forbidden:
        return answer
    passed = inquiry.passed.get(reason)
    if passed is not None and passed.covers(inquiry.now):
        return replace(answer, verdict=Verdict.PASSED)
    until = alone.opens_at(inquiry.now, by=inquiry.now + SEARCH)
    return replace(answer, verdict=Verdict.DEFER, reasons=(reason,), until=until)


def _clocks(rule: ContactWindow | BlackoutDates, inquiry: Inquiry) -> str:
    zones = inquiry.zones if rule.zone is None else {rule.zone}
    clocks = ", ".join(f"{at:%a %H:%M:%S} in {name}" for name, at in local_times(inquiry.now, zones).items())
    replaced = isinstance(rule, ContactWindow) and rule.replaceable and inquiry.situation.wishes.convenient
    return f"it is {clocks or 'nowhere'}" + (
        "; replaced by the times the person called convenient" if replaced else ""
    )


def _wishes_answer(inquiry: Inquiry, selection: Selection) -> Answer:
    wishes = inquiry.situation.wishes
    hours = selection.hours(inquiry.zones, wishes)
    answer = Answer(
        rule=WISHES,
        verdict=Verdict.NO_OBJECTION,
        facts=f"{len(wishes.convenient)} convenient and {len(wishes.inconvenient)} inconvenient windows told",
        cite="12 CFR 1006.6(b)(1); policy-cases, rule 5",
        confidence="memory-high",
    )
    if not hours.wishes_forbid(inquiry.now):
        return answer
    passed = inquiry.passed.get(Reason.INCONVENIENT_TIME)
    if passed is not None and passed.covers(inquiry.now):
        return replace(answer, verdict=Verdict.PASSED)
    alone = Hours((), (), zones=inquiry.zones, wishes=wishes)
    until = alone.opens_at(inquiry.now, by=inquiry.now + SEARCH)
    return replace(answer, verdict=Verdict.DEFER, reasons=(Reason.INCONVENIENT_TIME,), until=until)


def _binding(decision: Decision, inquiry: Inquiry, policy: Policy, selection: Selection) -> Iterator[str]:
    match decision:
        case Send():
            return
        case Defer(until, _):
            # Right before it opened something still forbade it: that is what sets the instant.
            yield from _forbidding(inquiry, policy, selection, at=until - MOMENT, reasons=None)
        case Suppress(reasons):
            named = list(_forbidding(inquiry, policy, selection, at=inquiry.now, reasons={reasons[0]}))
            yield from named or _forbidding(inquiry, policy, selection, at=inquiry.now, reasons=set(reasons))
            if reasons[0] is Reason.EXPIRED and not named:
                yield "engine.expiry"


def _forbidding(
    inquiry: Inquiry, policy: Policy, selection: Selection, *, at: datetime, reasons: set[Reason] | None
) -> Iterator[str]:
    """Name the binding rules that forbid an instant, for one of the reasons or for any."""
    hours = selection.hours(inquiry.zones, inquiry.situation.wishes)
    rules = _rules_binding(inquiry, policy, selection)
    for rule in rules:
        match rule:
            case ContactWindow():
                forbids, given = hours.window_forbids(rule, at), {Reason.OUTSIDE_CONTACT_WINDOW}
            case BlackoutDates():
                forbids, given = hours.blackout_forbids(rule, at), {Reason.BLACKOUT_DAY}
            case ContentRequired() | ChannelOrder():
                continue
            case _:
                standing = [
                    ban
                    for ban in bans_of([rule], inquiry)
                    if ban.span.covers(at) and (reasons is not None or not suppresses(ban))
                ]
                forbids, given = bool(standing), {ban.reason for ban in standing}
        if forbids and (reasons is None or given & reasons):
            yield rule.terms.id
    if hours.wishes_forbid(at) and (reasons is None or Reason.INCONVENIENT_TIME in reasons):
        yield WISHES


def _with_shadow(
    inquiry: Inquiry, policy: Policy, selection: Selection, decision: Decision
) -> Decision | None:
    rules = _rules_binding(inquiry, policy, selection, shadow=True)
    if not any(rule.terms.shadow for rule in rules):
        return None
    binding = Selection(selection.packs, rules)
    other = conclude(inquiry, binding, bans_of(binding.rules, inquiry))
    return None if other == decision else other


def _rules_binding(
    inquiry: Inquiry, policy: Policy, selection: Selection, *, shadow: bool = False
) -> tuple[AnyRule, ...]:
    return policy.rules_binding(
        selection.packs,
        inquiry.subject,
        inquiry.situation.role,
        places=inquiry.evidence_places,
        shadow=shadow,
    )
