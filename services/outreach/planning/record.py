"""Folds events into what is known of a debt. Pure; the result does not depend on the order of the events."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeVar

from msgspec.structs import replace

from outreach.model.contact import Contact
from outreach.model.debt import (
    Debt,
    Dispute,
    Instalment,
    Payment,
    PaymentState,
    Placement,
    Plan,
    Promise,
    PromiseState,
    Stamped,
    Status,
    latest,
)
from outreach.model.money import Money
from outreach.model.words import Channel, ContactOutcome, Direction, Purpose, Role
from schemas import debts, payments
from schemas.contacts import ContactRecorded
from schemas.envelope import Event
from schemas.values import Money as WireMoney

T = TypeVar("T")

_PAYMENT_STATES: Mapping[str, PaymentState] = {
    payments.PaymentReceived.__name__: PaymentState.RECEIVED,
    payments.PaymentFailed.__name__: PaymentState.FAILED,
    payments.PaymentReversed.__name__: PaymentState.REVERSED,
}


def record_debt_event(debt: Debt, event: Event) -> Debt:
    """Return what is known of the debt after this event; hearing it twice adds nothing."""
    stamp = _Stamp(event)
    match event.data:
        case debts.DebtPlaced() | debts.DebtUpdated() | debts.DebtClosed():
            return _account(debt, event.data, stamp)
        case debts.DebtDisputed() as data:
            opened = Dispute(
                is_open=True,
                since=_edge(data.since) or event.time.isoformat(),
                until=_edge(data.until),
                days=data.days,
            )
            return replace(debt, disputes=_put(debt.disputes, data.dispute_id, stamp(opened)))
        case debts.DebtDisputeResolved() as data:
            resolved = stamp(Dispute(is_open=False))
            return replace(debt, disputes=_put(debt.disputes, data.dispute_id, resolved))
        case payments.PaymentReceived() | payments.PaymentFailed() | payments.PaymentReversed():
            return _payment(debt, event.data, stamp)
        case payments.PlanAgreed() | payments.PlanChanged() as data:
            parts = tuple(
                Instalment(instalment.number, instalment.due_on, _money(instalment.amount))
                for instalment in data.instalments
            )
            return replace(debt, plans=_put(debt.plans, data.plan_id, stamp(Plan(parts))))
        case payments.PlanCancelled() as data:
            return replace(debt, plans=_put(debt.plans, data.plan_id, stamp(Plan())))
        case payments.PromiseMade() as data:
            made = Promise(PromiseState.MADE, _money(data.amount), data.due_on)
            return replace(debt, promises=_put(debt.promises, data.promise_id, stamp(made)))
        case payments.PromiseKept() as data:
            return replace(
                debt, promises=_put(debt.promises, data.promise_id, stamp(Promise(PromiseState.KEPT)))
            )
        case payments.PromiseBroken() as data:
            return replace(
                debt, promises=_put(debt.promises, data.promise_id, stamp(Promise(PromiseState.BROKEN)))
            )
        case _:
            raise ValueError(f"{event.type} says nothing about a debt")


def contact_of(data: ContactRecorded, time: datetime) -> Contact:
    """Return the ledger's entry for a contact that another system made, in an event of `time`."""
    return Contact(
        at=data.at or time,
        channel=Channel(data.channel),
        direction=Direction(data.direction),
        debts=frozenset({data.debt_id} if data.debt_id else ()),
        purpose=Purpose(data.purpose) if data.purpose else None,
        outcome=ContactOutcome(data.outcome),
    )


class _Stamp:
    """Stamps a fact with the event that states it, so that the latest is known whatever came first."""

    def __init__(self, event: Event) -> None:
        self._at = event.time
        self._by = f"{event.source} {event.id}"

    def __call__(self, value: T, *, at: datetime | None = None) -> Stamped[T]:
        return Stamped(value, at or self._at, self._by)


def _account(
    debt: Debt, data: debts.DebtPlaced | debts.DebtUpdated | debts.DebtClosed, stamp: _Stamp
) -> Debt:
    if isinstance(data, debts.DebtClosed):
        return replace(debt, status=latest(debt.status, stamp(Status(data.reason))))
    news: dict[str, object] = {}
    if isinstance(data, debts.DebtPlaced):
        placement = Placement(data.creditor, Role(data.role), data.reference, data.portfolio)
        news["placement"] = latest(debt.placement, stamp(placement))
        news["status"] = latest(debt.status, stamp(Status.OPEN))
    elif data.status is not None:
        news["status"] = latest(debt.status, stamp(Status(data.status)))
    if isinstance(data, debts.DebtUpdated) and data.reference is not None:
        news["reference"] = latest(debt.reference, stamp(data.reference))
    if data.balance is not None:
        balance = stamp(_optional_money(data.balance), at=data.balance_as_of)
        news["balance"] = latest(debt.balance, balance)
    if data.validation_period_ends is not None:
        ends = stamp(data.validation_period_ends)
        news["validation_period_ends"] = latest(debt.validation_period_ends, ends)
    return replace(debt, **news)


def _payment(
    debt: Debt,
    data: payments.PaymentReceived | payments.PaymentFailed | payments.PaymentReversed,
    stamp: _Stamp,
) -> Debt:
    state = _PAYMENT_STATES[data.__class__.__name__]
    payment = stamp(Payment(state, _optional_money(data.amount)))
    debt = replace(debt, payments=_put(debt.payments, data.payment_id, payment))
    if data.balance is not None or state is not PaymentState.FAILED:
        # Money moved: what was said before no longer holds, and nobody guesses what is left.
        debt = replace(debt, balance=latest(debt.balance, stamp(_optional_money(data.balance))))
    return debt


def _put(facts: Mapping[str, Stamped[T]], name: str, fact: Stamped[T]) -> Mapping[str, Stamped[T]]:
    return {**facts, name: latest(facts.get(name), fact)}


def _money(money: WireMoney) -> Money:
    return Money(money.amount, money.currency)


def _optional_money(money: WireMoney | None) -> Money | None:
    return None if money is None else _money(money)


def _edge(edge: datetime | date | None) -> str | None:
    return None if edge is None else edge.isoformat()
