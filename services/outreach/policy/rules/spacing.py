"""There is time to breathe between two contacts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from outreach.model.words import Channel, ContactOutcome, Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.frequency_cap import Scope
from outreach.policy.rules.terms import ALL_CHANNELS, Terms
from outreach.policy.spans import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """Hold a message until `gap` has passed since the last contact that counts."""

    terms: Terms
    gap: timedelta
    scope: Scope = Scope.PERSON
    counted_channels: frozenset[Channel] = ALL_CHANNELS
    unanswered_count: bool = True

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        since, gap = inquiry.now - self.gap, self.gap
        return [
            Ban(Reason.SPACING, Span(contact.at, contact.at + gap), contact.at)
            for contact in inquiry.counted_since(since)
            if contact.channel in self.counted_channels
            and (self.unanswered_count or contact.outcome is not ContactOutcome.UNANSWERED)
            and (self.scope is not Scope.ACCOUNT or inquiry.concerns_the_debt(contact))
            and (self.scope is not Scope.CREDITOR or inquiry.concerns_the_creditor(contact))
        ]

    def facts(self, inquiry: Inquiry) -> str:
        recent = [ban.on.isoformat() for ban in self.forbids(inquiry) if ban.on <= inquiry.now]
        return f"last contact within {self.gap / timedelta(hours=1):g} h: {recent[-1] if recent else 'none'}"
