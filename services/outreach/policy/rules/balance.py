"""Nobody is asked for what they no longer owe."""

from collections.abc import Iterable
from dataclasses import dataclass

from outreach.model.words import Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import Terms
from outreach.policy.spans import ALWAYS

_NIL = (Ban(Reason.NOTHING_DUE, ALWAYS),)


@dataclass(frozen=True, slots=True)
class NeedsSomethingDue:
    """Close a message about a debt that is known to be nil; thanks and closures pass.

    Source: 12 CFR 1006.18(b)(2)(i).
    """

    terms: Terms = Terms(id="engine.nothing_due", cite="12 CFR 1006.18(b)(2)(i)", confidence="house")

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        return _NIL if inquiry.facts.nothing_due else ()

    def facts(self, inquiry: Inquiry) -> str:
        return "nothing is due" if inquiry.facts.nothing_due else "the balance is not known to be nil"
