"""How fresh the law in a policy is: when the source of each rule was last read, and what changes soon."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from outreach.policy.policy import AnyRule, Policy
from outreach.policy.rules.standstill import Standstill

#: How far ahead dates are looked for.
AHEAD = timedelta(days=90)
#: The confidence in a rule that has no source but our own judgment.
_OURS = "house"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFreshness:
    """A rule and the day on which somebody last read its source; None: never, or it has none (`is_ours`)."""

    rule: str
    read_on: date | None
    is_ours: bool
    is_draft: bool
    confidence: str
    cite: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DateAhead:
    """A day on which what binds changes: `what` says how."""

    on: date
    rule: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """Rules, those first whose source was read longest ago, and the dates of the next 90 days."""

    rules: Sequence[RuleFreshness]
    ahead: Sequence[DateAhead]


def freshness_of(policy: Policy, *, today: date) -> Freshness:
    """Return how fresh each rule is, of packs and of the agency's own, and what changes within 90 days."""
    rules = [
        *(
            (rule, pack.draft and name not in policy.drafts)
            for name, pack in policy.packs.items()
            for rule in pack.rules
        ),
        *((rule, False) for rule in policy.own),
    ]
    fresh = [_freshness(rule, is_draft=is_draft) for rule, is_draft in rules]
    waived = list(_ends_of_waivers(policy))
    resuming = {(waiver.rule, waiver.on + timedelta(days=1)) for waiver in waived}
    dates = [change for rule, _ in rules for change in _dates_of(rule)]
    ahead = [*waived, *(change for change in dates if (change.rule, change.on) not in resuming)]
    return Freshness(
        rules=sorted(fresh, key=lambda rule: (rule.is_ours, rule.read_on or date.min, rule.rule)),
        ahead=sorted(
            (change for change in ahead if today <= change.on <= today + AHEAD),
            key=lambda change: (change.on, change.rule),
        ),
    )


def _freshness(rule: AnyRule, *, is_draft: bool) -> RuleFreshness:
    terms = rule.terms
    return RuleFreshness(
        rule=terms.id,
        read_on=terms.read_on,
        is_ours=terms.read_on is None and terms.confidence in ("", _OURS),
        is_draft=is_draft,
        confidence=terms.confidence,
        cite=terms.cite,
        note=terms.note,
    )


def _dates_of(rule: AnyRule) -> Iterator[DateAhead]:
    terms = rule.terms
    if terms.effective_from is not None:
        yield DateAhead(on=terms.effective_from, rule=terms.id, what="comes into force")
    if terms.effective_until is not None:
        yield DateAhead(on=terms.effective_until, rule=terms.id, what="is in force for the last day")
    if isinstance(rule, Standstill) and rule.until is not None:
        yield DateAhead(on=rule.until, rule=terms.id, what="no longer stands in the way")


def _ends_of_waivers(policy: Policy) -> Iterator[DateAhead]:
    for waiver in policy.waivers:
        if waiver.until is not None:
            yield DateAhead(on=waiver.until, rule=waiver.rule, what="is waived for the last day")


def freshness_json(freshness: Freshness) -> dict[str, Any]:
    """Return the answer as JSON values."""
    return {
        "rules": [
            {
                "rule": rule.rule,
                "read_on": rule.read_on.isoformat() if rule.read_on else None,
                "ours": rule.is_ours,
                "draft": rule.is_draft,
                "confidence": rule.confidence,
                "cite": rule.cite,
                "note": rule.note,
            }
            for rule in freshness.rules
        ],
        "ahead": [
            {"on": change.on.isoformat(), "rule": change.rule, "what": change.what}
            for change in freshness.ahead
        ],
    }
