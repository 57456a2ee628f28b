"""Nobody's employer reads about their debt."""

from collections.abc import Iterable
from dataclasses import dataclass

from outreach.model.words import Basis, Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import Terms
from outreach.policy.spans import ALWAYS

_AT_WORK = (Ban(Reason.WORK_ADDRESS, ALWAYS),)


@dataclass(frozen=True, slots=True, kw_only=True)
class AvoidsWork:
    """Hold a message to an address known to be the employer's, unless the person opened it themselves."""

    terms: Terms
    unless: frozenset[Basis]

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        if inquiry.channel not in inquiry.facts.work_address:
            return ()
        return () if inquiry.bases(inquiry.channel) & self.unless else _AT_WORK

    def facts(self, inquiry: Inquiry) -> str:
        known = "is" if inquiry.channel in inquiry.facts.work_address else "is not"
        return f"the {inquiry.channel} address {known} known to be the employer's"
