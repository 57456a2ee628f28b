"""Nobody is contacted at an hour that cannot be known."""

from collections.abc import Iterable
from dataclasses import dataclass

from outreach.model.words import Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import Terms
from outreach.policy.spans import ALWAYS

_NOWHERE = (Ban(Reason.LOCATION_UNKNOWN, ALWAYS),)


@dataclass(frozen=True, slots=True)
class NeedsALocation:
    """Hold a message while nothing says in which zone the person may be.

    Source: policy-cases, rule 9; comment 6(b)(1)(i)-2 to 12 CFR 1006.6.
    """

    terms: Terms = Terms(id="engine.location_known", cite="policy-cases, rule 9", confidence="house")

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        return () if inquiry.zones else _NOWHERE

    def facts(self, inquiry: Inquiry) -> str:
        return f"plausible zones: {', '.join(sorted(inquiry.zones)) or 'none'}"
