"""What contradicts the rest of what is known, and is asked of whoever published it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class QuestionKind(StrEnum):
    """In what an event contradicts the rest."""

    UNKNOWN_CREDITOR = "unknown_creditor"
    UNPLACED_DEBT = "unplaced_debt"
    OTHER_CURRENCY = "other_currency"
    PLAN_IN_THE_PAST = "plan_in_the_past"
    PROMISE_IN_THE_PAST = "promise_in_the_past"
    UNKNOWN_PAYMENT = "unknown_payment"
    PAID_FOR_NOTHING = "paid_for_nothing"
    CLOSED_AND_OWED = "closed_and_owed"
    OWED_BY_MANY = "owed_by_many"


class Question(Struct, frozen=True, kw_only=True):
    """A contradiction that stands: which event made it, and `about` what (a plan, a payment, a creditor).

    It is asked at `due_at`, unless facts have answered it by then.
    """

    kind: QuestionKind
    person_id: str
    debt_id: str
    about: str
    source: str
    event_id: str
    due_at: datetime

    @property
    def key(self) -> str:
        """Its name, under which it is asked once: for all debts of a creditor, for all who owe a debt."""
        if self.kind in (QuestionKind.UNKNOWN_CREDITOR, QuestionKind.OWED_BY_MANY):
            return f"{self.kind} {self.about}"
        return f"{self.kind} {self.person_id} {self.debt_id} {self.about}"


class AskedQuestion(Struct, frozen=True, kw_only=True):
    """A question that was published, and when; no fact has answered it yet."""

    question: Question
    asked_at: datetime


#: What each contradiction is, and what to do about it, for whoever published the event.
PROBLEMS: Mapping[QuestionKind, str] = {
    QuestionKind.UNKNOWN_CREDITOR: "the playbook's creditors do not have it: add it, or place the debt anew",
    QuestionKind.UNPLACED_DEBT: "nobody has placed this debt: publish debt.placed, or correct the debt_id",
    QuestionKind.OTHER_CURRENCY: "it is in another currency than what is owed: publish it anew in that one",
    QuestionKind.PLAN_IN_THE_PAST: "all its instalments were due before it was agreed: correct their days",
    QuestionKind.PROMISE_IN_THE_PAST: "its day was over when it was made: correct the day",
    QuestionKind.UNKNOWN_PAYMENT: "it takes back a payment that was never received: correct the payment_id",
    QuestionKind.PAID_FOR_NOTHING: "nobody told of the instalment or promise it is for: correct that",
    QuestionKind.OWED_BY_MANY: "too many people owe it to be one debt, so each owes their own: give it an id",
    QuestionKind.CLOSED_AND_OWED: "the debt is closed as paid and owed all the same: open or close it",
}
