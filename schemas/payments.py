"""What a person pays, plans to pay and promises (`payments.v1`)."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.values import Day, EventData, Id, Money, PositiveMoney, Value


class Instalment(Value):
    """One part of a plan. `due_on` is a date in the person's own calendar."""

    number: Annotated[int, Field(ge=1, le=1000)]
    due_on: Day
    amount: PositiveMoney


class PaymentReceived(EventData):
    """Money arrived. `balance` is what is left; without it the amount owed is unknown."""

    debt_id: Id
    payment_id: Id
    amount: PositiveMoney
    balance: Money | None = None


class PaymentFailed(EventData):
    """A payment was tried and did not go through."""

    debt_id: Id
    payment_id: Id
    amount: PositiveMoney | None = None
    balance: Money | None = None


class PaymentReversed(EventData):
    """A payment that had been received was taken back."""

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
    """The person and the agency agreed on instalments."""


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
