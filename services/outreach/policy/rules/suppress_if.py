"""An agency's own facts that stop a message."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from outreach.model.words import Channel, CheckResult, Reason
from outreach.policy.inquiry import Ban, Inquiry
from outreach.policy.rules.terms import Terms
from outreach.policy.spans import ALWAYS


class Fact(StrEnum):
    """What may be asked of a situation."""

    ALWAYS = "always"
    OPTED_OUT_ANYWHERE = "opted_out_anywhere"
    OPTED_OUT_OF_TEXTS = "opted_out_of_texts"
    REFUSED_ANYWHERE = "refused_anywhere"
    NUMBER_REASSIGNED = "number_reassigned"
    WORK_ADDRESS = "work_address"
    ANY_HOLD = "any_hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressIf:
    """Hold every message the rule is about while a fact is so; `always` switches them off.

    `because` is why, in the agency's own words.
    """

    terms: Terms
    fact: Fact
    reason: Reason = Reason.AGENCY_DECISION
    because: str = ""

    def forbids(self, inquiry: Inquiry) -> Iterable[Ban]:
        return (Ban(self.reason, ALWAYS, self.fact),) if _is_so(self.fact, inquiry) else ()

    def facts(self, inquiry: Inquiry) -> str:
        because = f"{self.because} - " if self.because else ""
        return f"{because}{self.fact}: {'yes' if _is_so(self.fact, inquiry) else 'no'}"


def _is_so(fact: Fact, inquiry: Inquiry) -> bool:
    facts = inquiry.facts
    match fact:
        case Fact.ALWAYS:
            return True
        case Fact.OPTED_OUT_ANYWHERE:
            return bool(facts.opt_outs)
        case Fact.OPTED_OUT_OF_TEXTS:
            return any(opt_out.channel is Channel.SMS for opt_out in facts.opt_outs)
        case Fact.REFUSED_ANYWHERE:
            return bool(inquiry.situation.wishes.refused_channels)
        case Fact.NUMBER_REASSIGNED:
            return facts.number_check is not None and facts.number_check.result is CheckResult.REASSIGNED
        case Fact.WORK_ADDRESS:
            return inquiry.channel in facts.work_address
        case Fact.ANY_HOLD:
            return bool(facts.holds)
