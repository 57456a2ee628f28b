"""Facts that stop contact: a cease, an attorney, a dispute, a bankruptcy, a pause somebody asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach.model.person import Hold
from outreach.model.words import HoldKind, Purpose, Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import Terms
from outreach.policy.spans import BEGINNING, FOREVER, Span

_REASONS = {
    kind: Reason(kind.value) for kind in HoldKind if kind not in {HoldKind.DISPUTE, HoldKind.PAUSE}
} | {
    HoldKind.DISPUTE: Reason.DISPUTED,
    HoldKind.PAUSE: Reason.PAUSED,
}


@dataclass(frozen=True, slots=True)
class RespectsHolds:
    """Hold a message while a hold of any kind is in force.

    A `hold` or `pause` with an end defers to it; every other kind suppresses, its end known or
    not. A dispute raised within the validation period stands until it is lifted. Each dispute
    may be acknowledged once.

    Source: 15 USC 1692c(a)(2), (c); 12 CFR 1006.6, 1006.38; 11 USC 362(a)(6), 524(a)(2).
    """

    terms: Terms = Terms(
        id="engine.holds",
        cite="15 USC 1692c(a)(2), (c); 12 CFR 1006.6, 1006.38; 11 USC 362(a)(6), 524(a)(2)",
        confidence="read",
    )

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        if not inquiry.facts.holds:
            return ()
        return [ban for hold in inquiry.facts.holds if (ban := _ban(hold, inquiry)) is not None]

    def facts(self, inquiry: Inquiry) -> str:
        return f"holds: {', '.join(_shown(hold, inquiry) for hold in inquiry.facts.holds) or 'none'}"


def _ban(hold: Hold, inquiry: Inquiry) -> Ban | None:
    span = _in_force(hold, inquiry)
    if span.begins >= span.ends or _may_be_acknowledged(hold, span.begins, inquiry):
        return None
    return Ban(_REASONS[hold.kind], span, hold)


def _in_force(hold: Hold, inquiry: Inquiry) -> Span:
    begins = BEGINNING if hold.since is None else inquiry.instant_of(hold.since)
    if hold.kind is HoldKind.DISPUTE and _in_validation_period(begins, inquiry):
        return Span(begins, FOREVER)
    ends = [] if hold.until is None else [inquiry.instant_of(hold.until)]
    if hold.days is not None:
        # Days from a beginning that nobody knows have no known end.
        ends.append(FOREVER if hold.since is None else min(begins + timedelta(days=hold.days), FOREVER))
    # Of two ends the later one, so that neither is cut short.
    return Span(begins, max(ends, default=FOREVER))


def _in_validation_period(begins: datetime, inquiry: Inquiry) -> bool:
    ends = inquiry.facts.validation_period_ends
    return ends is not None and begins < inquiry.instant_of(ends)


def _may_be_acknowledged(hold: Hold, begins: datetime, inquiry: Inquiry) -> bool:
    """True for the first acknowledgment since this dispute began."""
    if hold.kind is not HoldKind.DISPUTE or inquiry.subject.purpose is not Purpose.DISPUTE_ACKNOWLEDGEMENT:
        return False
    return not any(
        contact.purpose is Purpose.DISPUTE_ACKNOWLEDGEMENT
        and contact.at >= begins
        and inquiry.concerns_the_debt(contact)
        for contact in inquiry.made
    )


def _shown(hold: Hold, inquiry: Inquiry) -> str:
    span = _in_force(hold, inquiry)
    begins = "" if span.begins == BEGINNING else f" from {span.begins.isoformat()}"
    ends = " until lifted" if span.ends == FOREVER else f" until {span.ends.isoformat()}"
    return f"{hold.kind}{begins}{ends}"
