"""After a payment, a plan or a conversation there is quiet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from outreach.model.person import PersonEvent
from outreach.model.words import EventKind, Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import Terms
from outreach.policy.spans import Span

_A_DAY: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooldown:
    """Hold a message until `rest` has passed since an event of one of these kinds.

    A reminder was asked for when the plan or promise was agreed that it reminds of: neither that
    agreement counts for it, nor a conversation in the day before it.
    """

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
            if not _led_to(inquiry.subject.agreed_at, event)
        ]

    def facts(self, inquiry: Inquiry) -> str:
        recent = [f"{ban.on.kind} at {ban.on.at.isoformat()}" for ban in self.forbids(inquiry)]
        kinds = " or ".join(sorted(self.events))
        return f"{kinds} within {self.rest / timedelta(hours=1):g} h: {', '.join(recent) or 'none'}"


def _led_to(agreed_at: datetime | None, event: PersonEvent) -> bool:
    """Say whether an event is what was agreed at an instant, or the conversation that led to it."""
    if agreed_at is None:
        return False
    if event.kind is EventKind.CONVERSATION:
        return agreed_at - _A_DAY <= event.at <= agreed_at
    return event.kind is EventKind.PLAN and event.at == agreed_at
