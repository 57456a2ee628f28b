"""A number that belongs to somebody else now is not texted."""

from collections.abc import Iterable
from dataclasses import dataclass

from outreach.model.words import Basis, Channel, CheckResult, Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import Terms
from outreach.policy.spans import ALWAYS

_OWN_CONSENT = frozenset({Basis.DIRECT, Basis.WRITTEN})


@dataclass(frozen=True, slots=True)
class NeverTextsAReassignedNumber:
    """Close texts once the latest check says the number was reassigned.

    A direct consent or a text from the person, later than the check, opens them again.

    Source: 12 CFR 1006.6(d)(5).
    """

    terms: Terms = Terms(
        id="engine.number_reassigned",
        channels=frozenset({Channel.SMS}),
        cite="12 CFR 1006.6(d)(5)",
        confidence="read (secondary)",
    )

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        check = inquiry.facts.number_check
        if check is None or check.result is not CheckResult.REASSIGNED:
            return ()
        proofs = [
            consent.at
            for consent in inquiry.facts.consents.get(Channel.SMS, ())
            if consent.basis in _OWN_CONSENT and consent.at
        ]
        if (texted := inquiry.facts.last_inbound.get(Channel.SMS)) is not None:
            proofs.append(texted)
        return (
            ()
            if any(proof > check.at for proof in proofs)
            else (Ban(Reason.NUMBER_REASSIGNED, ALWAYS, check),)
        )

    def facts(self, inquiry: Inquiry) -> str:
        check = inquiry.facts.number_check
        return "number never checked" if check is None else f"checked {check.at.isoformat()}: {check.result}"
