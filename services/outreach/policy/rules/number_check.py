"""A number is texted only while it is known to be still the person's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach.model.words import Basis, Channel, CheckResult, Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import Terms
from outreach.policy.spans import ALWAYS, FOREVER, Span, after

#: What the person gave or did themselves; what others passed on says nothing about the number.
_OWN = frozenset({Basis.DIRECT, Basis.WRITTEN, Basis.CONSUMER_USED})


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiresFreshNumber:
    """Hold a text once the latest proof that the number is the person's is older than `within`.

    Consent proves it, and a text from the person, and a check that found it not reassigned.
    """

    terms: Terms
    within: timedelta

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        proofs = _proofs(inquiry)
        if not proofs:
            return (Ban(Reason.NUMBER_CHECK_STALE, ALWAYS),)
        latest = max(proofs)
        return (Ban(Reason.NUMBER_CHECK_STALE, Span(after(latest + self.within), FOREVER), latest),)

    def facts(self, inquiry: Inquiry) -> str:
        proofs = _proofs(inquiry)
        shown = max(proofs).isoformat() if proofs else "never"
        return f"number last known to be the person's: {shown}; good for {self.within.days} days"


def _proofs(inquiry: Inquiry) -> list[datetime]:
    facts = inquiry.facts
    proofs = [
        consent.at
        for consent in facts.consents.get(Channel.SMS, ())
        if consent.basis in _OWN and consent.at is not None
    ]
    if (texted := facts.last_inbound.get(Channel.SMS)) is not None:
        proofs.append(texted)
    if facts.number_check is not None and facts.number_check.result is CheckResult.NOT_REASSIGNED:
        proofs.append(facts.number_check.at)
    return proofs
