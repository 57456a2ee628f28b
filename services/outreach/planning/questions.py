"""Which contradictions stand in what is known of a debt. Pure, so the order of events does not matter.

What contradicts the rest is accepted all the same: what it is to be compared with may come later. Nobody is
asked for money that is in doubt (`coverage.py`); whoever published the event is asked about it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from outreach.model.debt import Debt, PaymentState, PromiseState, Stamped, Status
from outreach.model.question import Question, QuestionKind

#: Topics are read side by side: what an event refers to may be heard after it.
PATIENCE: Final = timedelta(hours=1)
#: After so long a day is over everywhere.
_ANYWHERE: Final = timedelta(days=1)

#: What a contradiction is about, and the fact that makes it.
_Finding: TypeAlias = tuple[str, Stamped[Any]]


def questions_about(debt: Debt, *, creditors: Collection[str], now: datetime) -> Iterator[Question]:
    """Yield the contradictions that stand; what other events may answer is asked in an hour.

    `creditors` are those of the directory; empty where nobody has said whom it holds.
    """
    if debt.placement is not None and creditors and debt.placement.value.creditor not in creditors:
        creditor = debt.placement.value.creditor
        yield _question(QuestionKind.UNKNOWN_CREDITOR, debt, (creditor, debt.placement), due_at=now)
    for kind, (find, waits) in _FINDINGS.items():
        # About a debt that is closed only the contradiction to that matters.
        for finding in find(debt) if debt.is_open or kind is QuestionKind.CLOSED_AND_OWED else ():
            yield _question(kind, debt, finding, due_at=now + PATIENCE if waits else now)


def _question(kind: QuestionKind, debt: Debt, finding: _Finding, *, due_at: datetime) -> Question:
    about, fact = finding
    source, _, event_id = fact.by.partition(" ")
    return Question(
        kind=kind,
        person_id=debt.person_id,
        debt_id=debt.debt_id,
        about=about,
        source=source,
        event_id=event_id,
        due_at=due_at,
    )


def _unplaced(debt: Debt) -> Iterator[_Finding]:
    if debt.placement is None and (facts := list(_facts(debt))):
        yield min(facts, key=lambda finding: (finding[1].at, finding[1].by))


def _facts(debt: Debt) -> Iterator[_Finding]:
    """Yield what events told of a debt beside its placement."""
    named: Mapping[str, Mapping[str, Stamped[Any]]] = {
        "payment": {name: it for name, it in debt.payments.items() if it.value.payer is None},
        "plan": debt.plans,
        "promise": debt.promises,
        "dispute": debt.disputes,
    }
    for what, facts in named.items():
        for name, fact in facts.items():
            yield f"{what}:{name}", fact
    if debt.status is not None:
        yield "status", debt.status
    if debt.balance is not None:
        yield "balance", debt.balance


def _of_another_currency(debt: Debt) -> Iterator[_Finding]:
    """Yield what is in another currency than what is owed: the plan and promise that stand, money."""
    owed = debt.currency
    if owed is None:
        return
    if (name := debt.plan_id) is not None:
        plan = debt.plans[name]
        if any(part.amount.currency != owed for part in plan.value.instalments):
            yield f"plan:{name}", plan
    if (name := debt.promise_id) is not None:
        promise = debt.promises[name]
        if promise.value.amount is not None and promise.value.amount.currency != owed:
            yield f"promise:{name}", promise
    for name, payment in debt.payments.items():
        amount = payment.value.amount
        if payment.value.payer is None and amount is not None and amount.currency != owed:
            yield f"payment:{name}", payment
    for balance in debt.balances:
        if balance.value is not None and balance.value.currency != owed:
            yield "balance", balance
            return


def _plan_in_the_past(debt: Debt) -> Iterator[_Finding]:
    name, plan = debt.plan_id, debt.plan
    if name is not None and plan is not None:
        ends = max(part.due_on for part in plan.value.instalments)
        if ends < (plan.at - _ANYWHERE).date():
            yield f"plan:{name}", plan


def _promise_in_the_past(debt: Debt) -> Iterator[_Finding]:
    for name in debt.promises:
        promise = debt.promise_called(name)
        due_on = promise.value.due_on
        is_made = promise.value.state is PromiseState.MADE
        if is_made and due_on is not None and due_on < (promise.at - _ANYWHERE).date():
            yield f"promise:{name}", promise


def _unknown_payment(debt: Debt) -> Iterator[_Finding]:
    for name, reversal in debt.reversals.items():
        if name not in debt.payments:
            yield f"payment:{name}", reversal


def _paid_for_nothing(debt: Debt) -> Iterator[_Finding]:
    """Yield money that is said to be for an instalment or promise of which nobody told."""
    for name, payment in debt.payments.items():
        meant = payment.value.meant_for
        is_own = payment.value.payer is None and payment.value.state is PaymentState.RECEIVED
        if meant is None or not is_own:
            continue
        plan = debt.plans.get(meant.plan_id or debt.plan_id or "")
        numbers = {part.number for part in plan.value.instalments} if plan is not None else set()
        is_cancelled = plan is not None and not plan.value.instalments
        lacks_plan = plan is None and (meant.plan_id is not None or meant.instalment is not None)
        lacks_part = meant.instalment is not None and meant.instalment not in numbers and not is_cancelled
        lacks_promise = meant.promise_id is not None and meant.promise_id not in debt.promises
        if lacks_plan or lacks_part or lacks_promise:
            yield f"payment:{name}", payment


def _closed_and_owed(debt: Debt) -> Iterator[_Finding]:
    """Yield the statement after which a debt that is closed as paid is owed all the same."""
    status, balance = debt.status, debt.balance
    if status is None or status.value is not Status.PAID:
        return
    if balance is not None and balance.value is not None and balance.value.amount > 0:
        if status.is_older_than(balance):
            yield "balance", balance
        return
    for name, reversal in debt.reversals.items():
        if status.is_older_than(reversal):
            yield f"payment:{name}", reversal


def _owed_by_many(debt: Debt) -> Iterator[_Finding]:
    if debt.is_owed_by_many and (facts := list(_facts(debt))):
        yield debt.debt_id, min((fact for _, fact in facts), key=lambda fact: (fact.at, fact.by))


#: How each contradiction is found, and whether events that are still to be heard may answer it.
_FINDINGS: Final[Mapping[QuestionKind, tuple[Callable[[Debt], Iterator[_Finding]], bool]]] = {
    QuestionKind.UNPLACED_DEBT: (_unplaced, True),
    QuestionKind.OTHER_CURRENCY: (_of_another_currency, False),
    QuestionKind.PLAN_IN_THE_PAST: (_plan_in_the_past, False),
    QuestionKind.PROMISE_IN_THE_PAST: (_promise_in_the_past, False),
    QuestionKind.UNKNOWN_PAYMENT: (_unknown_payment, True),
    QuestionKind.PAID_FOR_NOTHING: (_paid_for_nothing, True),
    QuestionKind.CLOSED_AND_OWED: (_closed_and_owed, True),
    QuestionKind.OWED_BY_MANY: (_owed_by_many, False),
}
