"""A channel is used only where the person, or the law, has opened it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from outreach.model.words import Basis, Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import Terms
from outreach.policy.spans import ALWAYS, FOREVER, Span, after


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiresBasis:
    """Hold a message until one of these bases is on record for its channel.

    `used_within` asks of `consumer_used` that the person's latest message on the channel be no
    older; the other bases do not age.
    """

    terms: Terms
    any_of: frozenset[Basis]
    used_within: timedelta | None = None

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        sufficient = inquiry.bases(inquiry.channel) & self.any_of
        if self.used_within is None or sufficient - {Basis.CONSUMER_USED}:
            return () if sufficient else (Ban(Reason.CONSENT_MISSING, ALWAYS),)
        latest = inquiry.facts.last_inbound.get(inquiry.channel)
        if not sufficient or latest is None:
            return (Ban(Reason.CONSENT_MISSING, ALWAYS),)
        return (Ban(Reason.CONSENT_MISSING, Span(after(latest + self.used_within), FOREVER), latest),)

    def facts(self, inquiry: Inquiry) -> str:
        bases = ", ".join(sorted(inquiry.bases(inquiry.channel))) or "none"
        latest = inquiry.facts.last_inbound.get(inquiry.channel)
        used = f"; latest message from the person {latest.isoformat()}" if self.used_within and latest else ""
        return f"needs {' or '.join(sorted(self.any_of))}; on record for {inquiry.channel}: {bases}{used}"
