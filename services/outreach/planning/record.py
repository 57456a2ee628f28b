"""Folds events into what is known of a debt. Pure; the result does not depend on the order of the events."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, TypeVar

from msgspec.structs import replace

from outreach.model.contact import Contact
from outreach.model.debt import (
    Debt,
    Dispute,
    Instalment,
    MeantFor,
    Payment,
    PaymentState,
    Placement,
    Plan,
    Promise,
    PromiseState,
    Stamped,
    Status,
    digest_of,
    latest,
)
from outreach.model.money import Money
from outreach.model.words import Channel, ContactOutcome, Direction, Purpose, Role
from schemas import debts, payments
from schemas.contacts import ContactRecorded
from schemas.envelope import Event
from schemas.values import Money as WireMoney

T = TypeVar("T")

#: How long a payment is waited for of which nobody says when it arrives.
_WAITED_FOR: Final = timedelta(days=7)
#: How many statements of what is owed are kept, for plans whose event comes after so many later ones.
_BALANCES_KEPT: Final = 24
_MONTHS_KEPT: Final = 36


#: How the types of events begin that say something of a debt; a notice names one, and is about a person.
_OF_DEBTS: Final = ("debt.", "payment.", "plan.", "promise.")


def debt_told_of(event: Event) -> str | None:
    """Return the debt that an event says something of; None where `record_debt_event` does not take it."""
    return getattr(event.data, "debt_id", None) if event.type.startswith(_OF_DEBTS) else None


def record_debt_event(debt: Debt, event: Event) -> Debt:
    """Return what is known of the debt after this event; hearing it twice adds nothing."""
    stamp = _Stamp(event)
    match event.data:
        case debts.DebtPlaced() | debts.DebtUpdated() | debts.DebtClosed():
            return with_openings(_account(debt, event.data, stamp))
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
        case (
            payments.PaymentStarted()
            | payments.PaymentReceived()
            | payments.PaymentFailed()
            | payments.PaymentReversed()
        ):
            return with_openings(_payment(debt, event.data, stamp))
        case payments.PlanAgreed() | payments.PlanChanged() as data:
            debt = _since(debt, f"plan:{data.plan_id}", event.time)
            if isinstance(data, payments.PlanAgreed) and data.agreed_at is not None:
                debt = _agreed(debt, f"plan:{data.plan_id}", min(data.agreed_at, event.time))
            parts = tuple(
                Instalment(instalment.number, instalment.due_on, _money(instalment.amount))
                for instalment in data.instalments
            )
            plan = stamp(Plan(parts, is_change=isinstance(data, payments.PlanChanged)))
            debt = _said(debt, f"plan:{data.plan_id}", plan, known=debt.plans.get(data.plan_id))
            return replace(debt, plans=_put(debt.plans, data.plan_id, plan))
        case payments.PlanCancelled() as data:
            debt = _ended(debt, f"plan:{data.plan_id}", event.time)
            return replace(debt, plans=_put(debt.plans, data.plan_id, stamp(Plan())))
        case payments.PromiseMade() as data:
            debt = _since(debt, f"promise:{data.promise_id}", event.time)
            made = stamp(Promise(PromiseState.MADE, _money(data.amount), data.due_on))
            debt = _said(debt, f"promise:{data.promise_id}", made, known=debt.promises.get(data.promise_id))
            return replace(debt, promises=_put(debt.promises, data.promise_id, made))
        case payments.PromiseKept() | payments.PromiseBroken() as data:
            debt = _ended(debt, f"promise:{data.promise_id}", event.time)
            state = PromiseState.KEPT if isinstance(data, payments.PromiseKept) else PromiseState.BROKEN
            return replace(debt, promises=_put(debt.promises, data.promise_id, stamp(Promise(state))))
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
    """Stamps facts with the event that states them."""

    def __init__(self, event: Event) -> None:
        self._at = event.time
        self._by = f"{event.source} {event.id}"

    def __call__(self, value: T, *, at: datetime | None = None) -> Stamped[T]:
        return Stamped(value, at or self._at, self._by)

    def placed_at(self, placed_on: date | None) -> datetime:
        """Return since when a debt is placed: the day that the event names, where that is earlier."""
        if placed_on is None:
            return self._at
        return min(self._at, datetime.combine(placed_on, time(0), tzinfo=UTC))

    def end_of(self, expected_by: datetime | date | None) -> datetime:
        """Return until when a payment is waited for; a day is over when it is over everywhere."""
        match expected_by:
            case None:
                return self._at + _WAITED_FOR
            case datetime():
                return expected_by
            case _:
                return datetime.combine(expected_by + timedelta(days=1), time(12), tzinfo=UTC)


def _account(
    debt: Debt, data: debts.DebtPlaced | debts.DebtUpdated | debts.DebtClosed, stamp: _Stamp
) -> Debt:
    if isinstance(data, debts.DebtClosed):
        return replace(debt, status=latest(debt.status, stamp(Status(data.reason))))
    news: dict[str, object] = {}
    if isinstance(data, debts.DebtPlaced):
        placement = Placement(
            data.creditor, Role(data.role), data.reference, data.portfolio, data.kind, data.owed_since
        )
        news["placement"] = latest(debt.placement, stamp(placement))
        begins = stamp.placed_at(data.placed_on)
        news["first_placed"] = min(begins, debt.first_placed or begins)
        if data.placed_on is not None:
            news["placed_on"] = min(data.placed_on, debt.placed_on or data.placed_on)
    elif data.status is not None:
        news["status"] = latest(debt.status, stamp(Status(data.status)))
    if isinstance(data, debts.DebtUpdated) and data.reference is not None:
        news["reference"] = latest(debt.reference, stamp(data.reference))
    if data.balance is not None:
        balance = stamp(_optional_money(data.balance), at=data.balance_as_of)
        news |= {"balance": latest(debt.balance, balance), "balances": stated(debt.balances, balance)}
    if data.validation_period_ends is not None:
        ends = stamp(data.validation_period_ends)
        news["validation_period_ends"] = latest(debt.validation_period_ends, ends)
    return replace(debt, **news)


def _payment(
    debt: Debt,
    data: payments.PaymentStarted
    | payments.PaymentReceived
    | payments.PaymentFailed
    | payments.PaymentReversed,
    stamp: _Stamp,
) -> Debt:
    match data:
        case payments.PaymentReversed():
            back = stamp(_optional_money(data.amount))
            debt = replace(debt, reversals=_put(debt.reversals, data.payment_id, back))
        case payments.PaymentStarted():
            waited_for = Payment(
                PaymentState.STARTED, _money(data.amount), expected_by=stamp.end_of(data.expected_by)
            )
            return replace(debt, payments=_put(debt.payments, data.payment_id, stamp(waited_for)))
        case payments.PaymentReceived():
            meant_for = MeantFor(data.plan_id, data.instalment, data.promise_id)
            payment = Payment(
                PaymentState.RECEIVED,
                _money(data.amount),
                meant_for=meant_for if meant_for != MeantFor() else None,
            )
            debt = replace(debt, payments=_put(debt.payments, data.payment_id, stamp(payment)))
        case payments.PaymentFailed():
            payment = Payment(PaymentState.FAILED, _optional_money(data.amount))
            debt = replace(debt, payments=_put(debt.payments, data.payment_id, stamp(payment)))
    if data.balance is not None or not isinstance(data, payments.PaymentFailed):
        # Money moved: what was said before no longer holds, and nobody guesses what is left.
        balance = stamp(_optional_money(data.balance))
        debt = replace(debt, balance=latest(debt.balance, balance), balances=stated(debt.balances, balance))
    return debt


def _since(debt: Debt, name: str, at: datetime) -> Debt:
    """Remember since when a plan or promise stands: from its first event on, whatever changed of it later."""
    return with_openings(replace(debt, begun={**debt.begun, name: min(at, debt.begun.get(name, at))}))


def _ended(debt: Debt, name: str, at: datetime) -> Debt:
    """Remember when a plan was cancelled, or a promise kept or broken: what lists it again opens neither."""
    return replace(debt, ended={**debt.ended, name: max(at, debt.ended.get(name, at))})


def _agreed(debt: Debt, name: str, at: datetime) -> Debt:
    """Remember when a plan was agreed on: after it was cancelled, it was so anew."""
    return replace(debt, agreed={**debt.agreed, name: max(at, debt.agreed.get(name, at))})


def _said(
    debt: Debt,
    name: str,
    said: Stamped[Plan] | Stamped[Promise],
    *,
    known: Stamped[Plan] | Stamped[Promise] | None,
) -> Debt:
    """Remember when this was said first; what is `known` may be from before that was remembered."""
    digest = digest_of(name, said.value)
    before = debt.said_first.get(digest)
    if known is not None and known.value == said.value:
        before = min(known.at, before or known.at)
    first = min(said.at, before or said.at)
    return replace(debt, said_first={**debt.said_first, digest: first})


def with_openings(debt: Debt) -> Debt:
    """Remember what was owed when each plan and promise began: the last statement before it."""
    openings = dict(debt.openings)
    for name, begun in debt.begun.items():
        for balance in debt.balances:
            if balance.at <= begun:
                openings[name] = latest(openings.get(name), balance)
    # What was held for the beginning may come after it, where an earlier event was heard later.
    openings = {name: opening for name, opening in openings.items() if opening.at <= debt.begun[name]}
    return debt if openings == debt.openings else replace(debt, openings=openings)


def stated(
    balances: tuple[Stamped[Money | None], ...], new: Stamped[Money | None]
) -> tuple[Stamped[Money | None], ...]:
    """Keep the last few statements of what is owed, and the last of each month before; oldest first.

    Whichever was heard first: what a plan began with is known though its event comes after many others.
    """
    known = {(balance.at, balance.by): balance for balance in (*balances, new)}
    ordered = [known[stamp] for stamp in sorted(known)]
    older, recent = ordered[:-_BALANCES_KEPT], ordered[-_BALANCES_KEPT:]
    of_months = {(balance.at.year, balance.at.month): balance for balance in older}
    return (*list(of_months.values())[-_MONTHS_KEPT:], *recent)


def _put(facts: Mapping[str, Stamped[T]], name: str, fact: Stamped[T]) -> Mapping[str, Stamped[T]]:
    return {**facts, name: latest(facts.get(name), fact)}


def _money(money: WireMoney) -> Money:
    return Money(money.amount, money.currency)


def _optional_money(money: WireMoney | None) -> Money | None:
    return None if money is None else _money(money)


def _edge(edge: datetime | date | None) -> str | None:
    return None if edge is None else edge.isoformat()
