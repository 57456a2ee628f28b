"""A written notice comes before anything else, where the law asks for one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from outreach.model.words import Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import Terms
from outreach.policy.spans import ALWAYS, BEGINNING, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiresNotice:
    """Hold a message until a notice is on record as posted, and until `wait_days` after its date.

    The wait ends at local midnight of the date plus that many days, in the latest of the zones.
    """

    terms: Terms
    notice: str
    wait_days: int = 0

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        posted = inquiry.facts.notices.get(self.notice)
        if posted is None:
            return (Ban(Reason.NOTICE_MISSING, ALWAYS),)
        waited = inquiry.instant_of(posted + timedelta(days=self.wait_days))
        return (Ban(Reason.HOLD, Span(BEGINNING, waited), posted),)

    def facts(self, inquiry: Inquiry) -> str:
        posted = inquiry.facts.notices.get(self.notice)
        wait = f", then {self.wait_days} days" if self.wait_days else ""
        return f"notice {self.notice}: {'none on record' if posted is None else f'posted {posted}'}{wait}"
