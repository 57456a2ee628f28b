"""An opt-out is confirmed at once or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass

from outreach.model.words import Purpose, Reason
from outreach.policy.exemptions import CONFIRM_WITHIN
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import Terms
from outreach.policy.spans import FOREVER, Span, after


@dataclass(frozen=True, slots=True)
class ConfirmsPromptly:
    """Close a confirmation of an opt-out more than five minutes after it.

    Source: 47 CFR 64.1200(a)(12).
    """

    terms: Terms = Terms(
        id="engine.reply_too_late",
        purposes=frozenset({Purpose.OPT_OUT_CONFIRMATION}),
        cite="47 CFR 64.1200(a)(12)",
        confidence="read",
    )

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        spoken = inquiry.subject.in_reply_to
        if spoken is None:
            return ()
        return (Ban(Reason.REPLY_TOO_LATE, Span(after(spoken + CONFIRM_WITHIN), FOREVER), spoken),)

    def facts(self, inquiry: Inquiry) -> str:
        spoken = inquiry.subject.in_reply_to
        return (
            "answers no known message" if spoken is None else f"answers the message of {spoken.isoformat()}"
        )
