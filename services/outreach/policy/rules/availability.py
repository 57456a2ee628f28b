"""What cannot be read is not assumed."""

from collections.abc import Iterable
from dataclasses import dataclass

from outreach.model.words import Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import Terms
from outreach.policy.spans import ALWAYS

_UNREADABLE = (Ban(Reason.FACTS_UNAVAILABLE, ALWAYS),)


@dataclass(frozen=True, slots=True)
class NeedsReadableFacts:
    """Nobody is contacted while what is known about them cannot be read.

    Source: policy-cases, rule 9.
    """

    terms: Terms = Terms(id="engine.facts_available", cite="policy-cases, rule 9", confidence="house")

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        return _UNREADABLE if inquiry.facts.unavailable else ()

    def facts(self, inquiry: Inquiry) -> str:
        return "facts could not be read" if inquiry.facts.unavailable else "facts were read"
