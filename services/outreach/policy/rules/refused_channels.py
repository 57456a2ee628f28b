"""A person may ask for one way of contact and not another."""

from collections.abc import Iterable
from dataclasses import dataclass

from outreach.model.words import Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import Terms
from outreach.policy.spans import ALWAYS

_REFUSED = (Ban(Reason.CHANNEL_REFUSED, ALWAYS),)


@dataclass(frozen=True, slots=True)
class RespectsRefusedChannels:
    """Hold every message on a channel the person asked not to be contacted by.

    Source: 12 CFR 1006.14(h)(1).
    """

    terms: Terms = Terms(id="engine.channel_refused", cite="12 CFR 1006.14(h)(1)", confidence="memory-high")

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        return _REFUSED if inquiry.channel in inquiry.situation.wishes.refused_channels else ()

    def facts(self, inquiry: Inquiry) -> str:
        refused = sorted(inquiry.situation.wishes.refused_channels)
        return f"refused channels: {', '.join(refused) or 'none'}"
