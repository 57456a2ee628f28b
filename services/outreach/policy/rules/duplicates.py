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
        return [Ban(Reason.DUPLICATE, ALWAYS, each) for each in inquiry.made if each.key == key]

    def facts(self, inquiry: Inquiry) -> str:
        key = inquiry.subject.key
        if key is None:
            return "no key"
        earlier = [each.at.isoformat() for each in inquiry.made if each.key == key]
        return f"earlier contacts with this key: {', '.join(earlier) or 'none'}"
