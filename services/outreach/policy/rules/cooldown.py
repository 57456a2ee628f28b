"""After a payment, a plan or a conversation there is quiet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from outreach.model.words import EventKind, Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import Terms
from outreach.policy.spans import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooldown:
    """Hold a message until `rest` has passed since an event of one of these kinds."""

    terms: Terms
    events: frozenset[EventKind]
    rest: timedelta

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        if not inquiry.facts.events:
            return ()
        return [
            Ban(Reason.COOLDOWN, Span(event.at, event.at + self.rest), event)
            for event in inquiry.facts.events
            if event.kind in self.events and event.at + self.rest > inquiry.now
        ]

    def facts(self, inquiry: Inquiry) -> str:
        recent = [f"{ban.on.kind} at {ban.on.at.isoformat()}" for ban in self.forbids(inquiry)]
        kinds = " or ".join(sorted(self.events))
        return f"{kinds} within {self.rest / timedelta(hours=1):g} h: {', '.join(recent) or 'none'}"
