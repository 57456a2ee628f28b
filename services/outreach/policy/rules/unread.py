"""What a person wrote is understood before anything else is sent."""

from collections.abc import Iterable
from dataclasses import dataclass

from outreach.model.words import Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import Terms
from outreach.policy.spans import ALWAYS

_UNREAD = (Ban(Reason.WITH_HUMAN, ALWAYS),)


@dataclass(frozen=True, slots=True)
class ReadsRepliesFirst:
    """Hold a message while a message from the person has not been understood; it may say stop.

    Source: design, P7: doubt pauses and goes to a human.
    """

    terms: Terms = Terms(id="engine.replies_read", cite="design, P7", confidence="house")

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        return _UNREAD if inquiry.facts.inbound else ()

    def facts(self, inquiry: Inquiry) -> str:
        return f"messages not yet understood: {len(inquiry.facts.inbound)}"
