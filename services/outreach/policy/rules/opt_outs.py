"""Stop means stop."""

from collections.abc import Iterable
from dataclasses import dataclass

from outreach.model.words import Purpose, Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import Terms
from outreach.policy.spans import ALWAYS


@dataclass(frozen=True, slots=True)
class RespectsOptOuts:
    """Close every message on a channel the person has opted out of.

    Only the one confirmation and an answer to a call for help pass it.

    Source: 47 CFR 64.1200(a)(10); 12 CFR 1006.6(e), 1006.14(h).
    """

    terms: Terms = Terms(
        id="engine.opted_out", cite="47 CFR 64.1200(a)(10); 12 CFR 1006.6(e), 1006.14(h)", confidence="read"
    )

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        channel = inquiry.channel
        return tuple(
            Ban(Reason.OPTED_OUT, ALWAYS, opt_out)
            for opt_out in inquiry.facts.opt_outs
            if opt_out.channel is channel
        )

    def facts(self, inquiry: Inquiry) -> str:
        opted_out = [
            f"{opt_out.channel} since {opt_out.at.isoformat()}" for opt_out in inquiry.facts.opt_outs
        ]
        return f"opt-outs: {', '.join(opted_out) or 'none'}"


@dataclass(frozen=True, slots=True)
class ConfirmsAnOptOutOnce:
    """Close a second confirmation of one opt-out, whatever else is known.

    Source: 47 CFR 64.1200(a)(12).
    """

    terms: Terms = Terms(
        id="engine.one_confirmation",
        purposes=frozenset({Purpose.OPT_OUT_CONFIRMATION}),
        cite="47 CFR 64.1200(a)(12)",
        confidence="read",
    )

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        spoken = inquiry.subject.in_reply_to
        if spoken is None:
            return ()
        return tuple(
            Ban(Reason.OPTED_OUT, ALWAYS, contact)
            for contact in inquiry.made
            if contact.in_reply_to == spoken and contact.purpose is Purpose.OPT_OUT_CONFIRMATION
        )

    def facts(self, inquiry: Inquiry) -> str:
        return f"confirmed before: {'yes' if any(self.forbids(inquiry)) else 'no'}"
