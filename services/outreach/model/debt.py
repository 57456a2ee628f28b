"""What is known of one debt. Facts keep the event that set them, so order of arrival never matters."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from hashlib import blake2s
from typing import Any, Generic, TypeVar

from msgspec import Struct

from outreach.model.money import Money
from outreach.model.words import Role

T = TypeVar("T")


class Stamped(Struct, Generic[T], frozen=True):
    """A fact, when it happened, and which event (source and id) said so."""

    value: T
    at: datetime
    by: str

    def is_older_than(self, other: "Stamped[Any]") -> bool:
        """Later events win; two of the same instant are ordered by source and id."""
        return (self.at, self.by) < (other.at, other.by)


def latest(old: Stamped[T] | None, new: Stamped[T]) -> Stamped[T]:
    """Merge two statements of one fact; the result does not depend on which was heard first."""
    return new if old is None or old.is_older_than(new) else old


class Status(StrEnum):
    """Where a debt stands. Everything but `open` and `on_hold` is closed."""

    OPEN = "open"
    ON_HOLD = "on_hold"
    PAID = "paid"
    SETTLED = "settled"
    RECALLED = "recalled"
    WRITTEN_OFF = "written_off"


class PaymentState(StrEnum):
    """What became of a payment. One that is `started` may arrive, fail, or never be heard of again."""

    STARTED = "started"
    RECEIVED = "received"
    FAILED = "failed"
    REVERSED = "reversed"


class PromiseState(StrEnum):
    """What became of a promise to pay."""

    MADE = "made"
    KEPT = "kept"
    BROKEN = "broken"


class Placement(Struct, frozen=True, omit_defaults=True):
    """Whose debt it is and who collects it. `role` decides which laws bind.

    `kind` is what the agency calls such debts; `owed_since` the day since which the money is owed.
    """

    creditor: str
    role: Role
    reference: str
    portfolio: str | None = None
    kind: str | None = None
    owed_since: date | None = None


class Dispute(Struct, frozen=True, omit_defaults=True):
    """A dispute is open until it is resolved; `until` or `days` may end the hold earlier.

    `since` and `until` are ISO 8601 instants or dates, as the event gave them.
    """

    is_open: bool
    since: str | None = None
    until: str | None = None
    days: int | None = None


class Instalment(Struct, frozen=True):
    """One dated part of a plan."""

    number: int
    due_on: date
    amount: Money


class Plan(Struct, frozen=True, omit_defaults=True):
    """What was agreed, or changed since (`is_change`). Cancelled plans have no instalments."""

    instalments: tuple[Instalment, ...] = ()
    is_change: bool = False


class MeantFor(Struct, frozen=True, omit_defaults=True):
    """What a payment is for, where who took it knows: an instalment of a plan, or a promise."""

    plan_id: str | None = None
    instalment: int | None = None
    promise_id: str | None = None


class Payment(Struct, frozen=True, omit_defaults=True):
    """A payment and what became of it.

    `payer` is the person who made it where that is somebody else who owes the same debt. One that is started
    is waited for until `expected_by`.
    """

    state: PaymentState
    amount: Money | None = None
    payer: str | None = None
    meant_for: MeantFor | None = None
    expected_by: datetime | None = None


class MoneyIn(Struct, frozen=True):
    """Money that came and stayed: what was received, less what went back. No `amount`: nobody said it."""

    payment_id: str
    at: datetime
    amount: Money | None
    payer: str | None = None
    meant_for: MeantFor | None = None


class Promise(Struct, frozen=True, omit_defaults=True):
    """A promise to pay; only an open one (`made`) has a date that matters."""

    state: PromiseState
    amount: Money | None = None
    due_on: date | None = None


class Debt(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that is known of one debt of one person.

    `first_placed` is when it was placed first: publishing it again is no news. `placed_on` is the earliest
    day that an event named, on the calendar of whoever named it. `balance` holds None after a payment that
    did not say what is left: the amount is then unknown, which is not nil. `balances` are the last few
    statements of it, and one of each month before, oldest first.
    `begun` says since when each plan and promise stands, whatever was changed of it since, and
    `openings` what was owed then; both by `plan:<id>` and `promise:<id>`. `said_first` tells when each thing
    that was ever said of a plan or promise was said first, by `digest_of`: saying it again is no news.
    `ended` tells when each of them was last cancelled, kept or broken, and `agreed` when each plan was last
    agreed on, where that was said apart from its event. `reversals` say by payment what went back of it: None
    is all of it. `is_owed_by_many`: more people than owe any one debt have this `debt_id`, so it is taken for
    each one's own.
    """

    debt_id: str
    person_id: str
    placement: Stamped[Placement] | None = None
    first_placed: datetime | None = None
    placed_on: date | None = None
    reference: Stamped[str] | None = None
    status: Stamped[Status] | None = None
    balance: Stamped[Money | None] | None = None
    validation_period_ends: Stamped[date] | None = None
    disputes: Mapping[str, Stamped[Dispute]] = {}
    plans: Mapping[str, Stamped[Plan]] = {}
    payments: Mapping[str, Stamped[Payment]] = {}
    promises: Mapping[str, Stamped[Promise]] = {}
    reversals: Mapping[str, Stamped[Money | None]] = {}
    balances: tuple[Stamped[Money | None], ...] = ()
    begun: Mapping[str, datetime] = {}
    openings: Mapping[str, Stamped[Money | None]] = {}
    said_first: Mapping[str, datetime] = {}
    ended: Mapping[str, datetime] = {}
    agreed: Mapping[str, datetime] = {}
    is_owed_by_many: bool = False

    @property
    def is_open(self) -> bool:
        """True while somebody may still be contacted about it.

        What was paid or settled is opened by nothing but the word that it is open: a file that lists it again
        is no such word. What was recalled or written off is open when it is placed anew.
        """
        if self.status is None or self.status.value in (Status.OPEN, Status.ON_HOLD):
            return True
        is_done = self.status.value in (Status.PAID, Status.SETTLED)
        return not is_done and self.placement is not None and self.status.is_older_than(self.placement)

    @property
    def account(self) -> str:
        """The account's own number, as the person knows it."""
        if self.reference is not None:
            return self.reference.value
        return self.placement.value.reference if self.placement is not None else ""

    @property
    def known_balance(self) -> Money | None:
        """What is owed, or None where nobody has said it since the last payment."""
        return self.balance.value if self.balance is not None else None

    @property
    def currency(self) -> str | None:
        """The currency of what is owed, as it was stated last, or None where nobody has said."""
        if self.known_balance is not None:
            return self.known_balance.currency
        said = [balance.value.currency for balance in self.balances if balance.value is not None]
        return said[-1] if said else None

    @property
    def owes_nothing(self) -> bool:
        """True when it is known that nothing is due."""
        closed = self.status is not None and self.status.value in (Status.PAID, Status.SETTLED)
        balance = self.known_balance
        return closed or (balance is not None and balance.amount <= 0)

    @property
    def plan(self) -> Stamped[Plan] | None:
        """The plan in force: of those not cancelled, the one agreed or changed last."""
        if not self.plans:
            return None
        name = self.plan_id
        return None if name is None else self.plan_called(name)

    @property
    def plan_id(self) -> str | None:
        """The name of the plan in force."""
        if not self.plans:
            return None
        standing = ((name, self.plan_called(name)) for name in self.plans)
        agreed = {name: plan for name, plan in standing if plan.value.instalments}
        return max(agreed, key=lambda name: (agreed[name].at, agreed[name].by), default=None)

    @property
    def promise_id(self) -> str | None:
        """The name of the promise that stands: of those still open, the one made last."""
        if not self.promises:
            return None
        standing = ((name, self.promise_called(name)) for name in self.promises)
        made = {name: it for name, it in standing if it.value.state is PromiseState.MADE}
        return max(made, key=lambda name: (made[name].at, made[name].by), default=None)

    def plan_called(self, name: str) -> Stamped[Plan]:
        """Return a plan as it is, since when it was said to be so; without instalments once it was cancelled.

        Who lists it again after that has not agreed on it again, unless they say that they have.
        """
        plan, about = self.plans[name], f"plan:{name}"
        at = self._said_at(about, plan)
        if plan.value.instalments and about in self.ended and at <= self.ended[about]:
            anew = self.agreed.get(about)
            if anew is None or anew <= self.ended[about]:
                return Stamped(Plan(), self.ended[about], plan.by)
            at = anew
        return plan if at == plan.at else Stamped(plan.value, at, plan.by)

    def promise_called(self, name: str) -> Stamped[Promise]:
        """Return a promise as it is, since when it was said to be so; one that ended stays so."""
        promise, about = self.promises[name], f"promise:{name}"
        at = self._said_at(about, promise)
        if promise.value.state is PromiseState.MADE and about in self.ended and at <= self.ended[about]:
            return Stamped(Promise(PromiseState.KEPT), self.ended[about], promise.by)
        return promise if at == promise.at else Stamped(promise.value, at, promise.by)

    def _said_at(self, about: str, fact: Stamped[Plan] | Stamped[Promise]) -> datetime:
        """Return when this was said first; without its digest where nothing was said before it."""
        if all(first >= fact.at for first in self.said_first.values()):
            return fact.at
        return min(fact.at, self.said_first.get(digest_of(about, fact.value), fact.at))

    def money_in(self) -> Iterator[MoneyIn]:
        """Yield the money that came and stayed, in no order."""
        for name, payment in self.payments.items():
            if payment.value.state is not PaymentState.RECEIVED:
                continue
            kept, reversal = payment.value.amount, self.reversals.get(name)
            # A payment that is received anew after it went back counts whole.
            if reversal is not None and payment.is_older_than(reversal):
                if reversal.value is None:
                    continue
                # In another currency nobody knows how much went back, and to ask for too much is worse.
                if kept is not None and kept.currency == reversal.value.currency:
                    kept = kept - reversal.value
            if kept is None or kept.amount > 0:
                yield MoneyIn(name, payment.at, kept, payment.value.payer, payment.value.meant_for)


def digest_of(name: str, said: Plan | Promise) -> str:
    """Return a short name for what was said of a plan or promise; the same for the same, however written."""
    if isinstance(said, Plan):
        name = f"{name} changed" if said.is_change else name
        lines = [f"{part.number} {part.due_on} {_line(part.amount)}" for part in said.instalments]
    else:
        amount = "" if said.amount is None else _line(said.amount)
        lines = [f"{said.state.value} {said.due_on} {amount}"]
    return blake2s("\n".join([name, *sorted(lines)]).encode(), digest_size=8).hexdigest()


def _line(amount: Money) -> str:
    return f"{amount.amount.normalize():f} {amount.currency}"
