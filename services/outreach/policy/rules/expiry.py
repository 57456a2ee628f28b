"""A message that comes too late for its purpose is dropped."""

from collections.abc import Iterable
from dataclasses import dataclass

from outreach.model.words import Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import Terms
from outreach.policy.spans import FOREVER, Span


@dataclass(frozen=True, slots=True)
class DropsWhatExpired:
    """Close a message at its `expires_at` and ever after.

    Source: policy-cases, rule 3.
    """

    terms: Terms = Terms(id="engine.expiry", cite="policy-cases, rule 3", confidence="house")

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        expires_at = inquiry.subject.expires_at
        return () if expires_at is None else (Ban(Reason.EXPIRED, Span(expires_at, FOREVER), expires_at),)

    def facts(self, inquiry: Inquiry) -> str:
        expires_at = inquiry.subject.expires_at
        return "never expires" if expires_at is None else f"expires at {expires_at.isoformat()}"
