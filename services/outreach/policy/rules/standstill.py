"""An agency, or the law of an emergency, may stop everything for a while."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from outreach.model.words import Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import Terms
from outreach.policy.spans import BEGINNING, FOREVER, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Standstill:
    """Hold every message the rule is about until a date; without one, until the rule is taken out."""

    terms: Terms
    until: date | None = None

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        ends = FOREVER if self.until is None else inquiry.instant_of(self.until)
        return (Ban(Reason.HOLD, Span(BEGINNING, ends), self.until),)

    def facts(self, inquiry: Inquiry) -> str:
        return "stands until taken out" if self.until is None else f"stands until {self.until}"
