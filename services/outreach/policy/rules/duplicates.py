"""The same message never goes out twice."""

from collections.abc import Iterable
from dataclasses import dataclass

from outreach.model.words import Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import Terms
from outreach.policy.spans import ALWAYS


@dataclass(frozen=True, slots=True)
class NeverRepeats:
    """Close a message whose key an earlier contact already bears, even one of unknown fate.

    Source: policy-cases, rule 7.
    """

    terms: Terms = Terms(id="engine.duplicate", cite="policy-cases, rule 7", confidence="house")

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        key = inquiry.subject.key
        if key is None:
            return ()
        return [Ban(Reason.DUPLICATE, ALWAYS, contact) for contact in inquiry.made if contact.key == key]

    def facts(self, inquiry: Inquiry) -> str:
        key = inquiry.subject.key
        if key is None:
            return "no key"
        earlier = [contact.at.isoformat() for contact in inquiry.made if contact.key == key]
        return f"earlier contacts with this key: {', '.join(earlier) or 'none'}"
