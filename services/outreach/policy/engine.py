"""Whether a message may go to a person now, and if not, when.

Every rule is asked and every reason is reported. Suppress beats defer beats send, and `until` is
the least instant that satisfies all deferring rules together, so the order of the rules never
matters and one more rule never lets a message go out sooner.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from outreach.model.decision import Decision, Defer, Send, Suppress
from outreach.model.words import CLOSING, Reason
from outreach.policy.hours import Hours
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.policy import Policy, Selection
from outreach.policy.rules.terms import Rule
from outreach.policy.situation import Situation
from outreach.policy.solver import first_permitted
from outreach.policy.spans import FOREVER, Span
from outreach.policy.zones import in_force

#: Reasons whose end is an instant; all others suppress.
DEFERRING: Final = frozenset(
    {
        Reason.OUTSIDE_CONTACT_WINDOW,
        Reason.INCONVENIENT_TIME,
        Reason.BLACKOUT_DAY,
        Reason.FREQUENCY_CAP,
        Reason.SPACING,
        Reason.COOLDOWN,
        Reason.HOLD,
        Reason.PAUSED,
    }
)

#: No permission is given for longer than this.
_LONGEST: Final = timedelta(days=7)

_RANK: Final = {
    reason: (reason not in CLOSING, reason in DEFERRING, number) for number, reason in enumerate(Reason)
}


def decide(situation: Situation, policy: Policy) -> Decision:
    """Return the policy's answer: send now, defer to an instant, or suppress.

    Raises:
        LookupError: the situation names a pack that does not exist.
    """
    inquiry = Inquiry(situation)
    selection = policy.select(situation, inquiry.evidence_places)
    return conclude(inquiry, selection, bans_of(selection.rules, inquiry))


def bans_of(rules: Iterable[Rule], inquiry: Inquiry) -> list[Ban]:
    """Return all that the rules forbid, less what the purpose passes and what is not in force."""
    bans: list[Ban] = []
    passed = inquiry.passed
    for rule in rules:
        forbidden = rule.forbids(inquiry)
        if not forbidden:
            continue
        if rule.terms.dated:
            forbidden = _while_in_force(forbidden, rule, inquiry)
        if passed:
            forbidden = [left for ban in forbidden for left in _less_what_passes(ban, passed.get(ban.reason))]
        bans.extend(forbidden)
    return bans


def _while_in_force(bans: Iterable[Ban], rule: Rule, inquiry: Inquiry) -> list[Ban]:
    standing = in_force(rule.terms.effective_from, rule.terms.effective_until, inquiry.zones)
    clipped = [Ban(ban.reason, ban.span.clip(standing), ban.on) for ban in bans]
    return [ban for ban in clipped if ban.span.begins < ban.span.ends]


def _less_what_passes(ban: Ban, passed: Span | None) -> list[Ban]:
    """Return what is left of a ban outside the stretch in which its reason is passed."""
    if passed is None:
        return [ban]
    pieces = (
        Span(ban.span.begins, min(ban.span.ends, passed.begins)),
        Span(max(ban.span.begins, passed.ends), ban.span.ends),
    )
    return [Ban(ban.reason, piece, ban.on) for piece in pieces if piece.begins < piece.ends]


def conclude(inquiry: Inquiry, selection: Selection, bans: Sequence[Ban]) -> Decision:
    """Combine what the rules forbid into one answer."""
    now = inquiry.now
    hours = selection.hours(inquiry.zones, inquiry.situation.wishes)
    passes_hours = inquiry.passed.get(Reason.OUTSIDE_CONTACT_WINDOW)
    hours_permit = (passes_hours is not None and passes_hours.covers(now)) or hours.permits(now)
    standing = [ban for ban in bans if ban.span.begins <= now < ban.span.ends]
    if hours_permit and not standing:
        return Send(_valid_until(now, bans, hours, passes_hours))

    reasons = {ban.reason for ban in standing}
    if not hours_permit:
        reasons |= hours.reasons(now)
    suppressing = sum(suppresses(ban) for ban in standing)
    suppressed = suppressing > 0
    until = None
    waits = not hours_permit or suppressing < len(standing)
    if waits and not inquiry.facts.unavailable and inquiry.zones:
        deferring = [ban for ban in bans if not suppresses(ban)]
        until = first_permitted(deferring, hours, now=now, passes_hours=passes_hours)
        if until is None:
            reasons.add(Reason.NO_COMMON_CONTACT_WINDOW)
        elif inquiry.subject.expires_at is not None and until >= inquiry.subject.expires_at:
            reasons.add(Reason.EXPIRED)
            suppressed = True
    ranked = tuple(sorted(reasons, key=_RANK.__getitem__))
    if suppressed or until is None:
        return Suppress(ranked)
    return Defer(until, ranked)


def suppresses(ban: Ban) -> bool:
    """True when no instant can be named at which the ban ends by itself."""
    return ban.reason not in DEFERRING or ban.span.ends >= FOREVER


def _valid_until(now: datetime, bans: Iterable[Ban], hours: Hours, passes_hours: Span | None) -> datetime:
    """Return the end of the stretch in which no rule objects, if no fact changes."""
    latest = now + _LONGEST
    for ban in bans:
        if now < ban.span.begins < latest:
            latest = ban.span.begins
    closes = hours.closes_at(now, by=latest)
    if passes_hours is not None and passes_hours.covers(now):
        closes = max(closes, passes_hours.ends)
    return min(closes, latest)
