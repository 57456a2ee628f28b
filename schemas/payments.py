"""What a person pays, plans to pay and promises (`payments.v1`)."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from schemas.values import Day, EventData, Id, Instant, InstantOrDay, Money, PositiveMoney, Value

InstalmentNumber = Annotated[int, Field(ge=1, le=1000)]


class Instalment(Value):
    """One part of a plan. `due_on` is a date in the person's own calendar."""

    number: InstalmentNumber
    due_on: Day
    amount: PositiveMoney


class PaymentStarted(EventData):
    """Money is on its way: nobody is reminded of what it would cover, and nobody is thanked yet.

    `payment.received` or `payment.failed` of the same `payment_id` says what became of it. Where neither
    comes by `expected_by` (seven days, where it is not said), reminders go on.
    """

    debt_id: Id
    payment_id: Id
    amount: PositiveMoney
    expected_by: InstantOrDay | None = None


class PaymentReceived(EventData):
    """Money arrived. `balance` is what is left; without it the amount owed is unknown.

    `plan_id` and `instalment`, or `promise_id`, say what it was paid for, where that is known.
    """

    debt_id: Id
    payment_id: Id
    amount: PositiveMoney
    balance: Money | None = None
    plan_id: Id | None = None
    instalment: InstalmentNumber | None = None
    promise_id: Id | None = None


class PaymentFailed(EventData):
    """A payment was tried and did not go through."""

    debt_id: Id
    payment_id: Id
    amount: PositiveMoney | None = None
    balance: Money | None = None


class PaymentReversed(EventData):
    """A payment that had been received was taken back: `amount` of it, else all of it."""

    debt_id: Id
    payment_id: Id
    amount: PositiveMoney | None = None
    balance: Money | None = None


class _Plan(EventData):
    debt_id: Id
    plan_id: Id
    instalments: Annotated[tuple[Instalment, ...], Field(min_length=1, max_length=400)]

    @model_validator(mode="after")
    def _numbers_each_instalment_once(self) -> Self:
        if len({instalment.number for instalment in self.instalments}) != len(self.instalments):
            raise ValueError("instalments: each number may be used once")
        return self


class PlanAgreed(_Plan):
    """The person and the agency agreed on instalments.

    A plan that is published again is no news, and does not stand again once it was cancelled. `agreed_at`,
    where it is later than that, says that they agreed on it anew.
    """

    past: ClassVar[tuple[str, ...]] = ("agreed_at",)

    agreed_at: Instant | None = None


class PlanChanged(_Plan):
    """The plan as it is now; instalments that are not listed no longer exist."""


class PlanCancelled(EventData):
    """The plan no longer holds."""

    debt_id: Id
    plan_id: Id


class PromiseMade(EventData):
    """The person promised to pay an amount on a day."""

    debt_id: Id
    promise_id: Id
    amount: PositiveMoney
    due_on: Day


class PromiseKept(EventData):
    """The promised payment came."""

    debt_id: Id
    promise_id: Id


class PromiseBroken(EventData):
    """The promised payment did not come."""

    debt_id: Id
    promise_id: Id
