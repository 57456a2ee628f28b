"""What an answer can be, how soon a human has to see it, and whether a machine may answer: one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a person means by an answer; it may mean several things. In the order in which humans see them."""

    SELF_HARM = "self_harm"
    SAFETY = "safety"
    THREAT = "threat"
    MINOR = "minor"
    BEREAVEMENT = "bereavement"
    DISASTER = "disaster"
    ILLNESS = "illness"
    CEASE = "cease"
    ATTORNEY = "attorney"
    BANKRUPTCY = "bankruptcy"
    ADVISER = "adviser"
    IDENTITY_THEFT = "identity_theft"
    MILITARY = "military"
    COMPLAINT = "complaint"
    DISPUTE = "dispute"
    OPT_OUT = "opt_out"
    WRONG_PERSON = "wrong_person"
    OPT_IN = "opt_in"
    JOB_LOSS = "job_loss"
    HARDSHIP = "hardship"
    PAYMENT_PROBLEM = "payment_problem"
    ALREADY_PAID = "already_paid"
    PROMISE = "promise"
    PLAN_REQUEST = "plan_request"
    BALANCE_QUESTION = "balance_question"
    SCAM_DOUBT = "scam_doubt"
    LANGUAGE_WISH = "language_wish"
    TIME_WISH = "time_wish"
    CALL_ME = "call_me"
    HELP = "help"
    QUESTION = "question"
    YES = "yes"
    NO = "no"
    THANKS = "thanks"
    REACTION = "reaction"
    UNCLEAR = "unclear"


class Urgency(StrEnum):
    """How soon a human has to see an answer; the most urgent first."""

    CRISIS = "crisis"
    SAME_DAY = "same_day"
    NORMAL = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """What a kind asks of us by itself. `machine`: nothing in it needs a human."""

    urgency: Urgency = Urgency.NORMAL
    machine: bool = False


_CRISIS: Final = Treatment(urgency=Urgency.CRISIS)
_SAME_DAY: Final = Treatment(urgency=Urgency.SAME_DAY)
_HUMAN: Final = Treatment()
_MACHINE: Final = Treatment(machine=True)

#: Every kind has a row.
TREATMENTS: Final[Mapping[Kind, Treatment]] = {
    Kind.SELF_HARM: _CRISIS,
    Kind.SAFETY: _CRISIS,
    Kind.THREAT: _CRISIS,
    Kind.MINOR: _SAME_DAY,
    Kind.BEREAVEMENT: _SAME_DAY,
    Kind.DISASTER: _SAME_DAY,
    Kind.ILLNESS: _SAME_DAY,
    Kind.CEASE: _SAME_DAY,
    Kind.ATTORNEY: _SAME_DAY,
    Kind.BANKRUPTCY: _SAME_DAY,
    Kind.ADVISER: _SAME_DAY,
    Kind.IDENTITY_THEFT: _SAME_DAY,
    Kind.MILITARY: _HUMAN,
    Kind.COMPLAINT: _SAME_DAY,
    Kind.DISPUTE: _HUMAN,
    Kind.OPT_OUT: _MACHINE,
    Kind.WRONG_PERSON: _HUMAN,
    Kind.OPT_IN: _MACHINE,
    Kind.JOB_LOSS: _HUMAN,
    Kind.HARDSHIP: _HUMAN,
    Kind.PAYMENT_PROBLEM: _SAME_DAY,
    Kind.ALREADY_PAID: _HUMAN,
    Kind.PROMISE: _HUMAN,
    Kind.PLAN_REQUEST: _HUMAN,
    Kind.BALANCE_QUESTION: _HUMAN,
    Kind.SCAM_DOUBT: _HUMAN,
    Kind.LANGUAGE_WISH: _HUMAN,
    Kind.TIME_WISH: _HUMAN,
    Kind.CALL_ME: _HUMAN,
    Kind.HELP: _MACHINE,
    Kind.QUESTION: _HUMAN,
    Kind.YES: _HUMAN,
    Kind.NO: _HUMAN,
    Kind.THANKS: _MACHINE,
    Kind.REACTION: _MACHINE,
    Kind.UNCLEAR: _HUMAN,
}
