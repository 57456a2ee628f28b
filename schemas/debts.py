"""What happens to a debt (`debts.v1`)."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from schemas.values import (
    Day,
    EventData,
    Id,
    Instant,
    InstantOrDay,
    Language,
    Line,
    Money,
    Value,
)
from schemas.vocabulary import CloseReason, DebtStatus, Role

Days = Annotated[int, Field(ge=1, le=3660)]


class Item(Value):
    """One line of how the balance came to be, such as principal, interest or fees."""

    label: Line
    amount: Money


Itemisation = Annotated[tuple[Item, ...], Field(max_length=100)]


class DebtPlaced(EventData):
    """A creditor gave us this account to look after.

    `reference` is the account's own number as the person knows it. `balance` is what is owed at
    `balance_as_of`, else at the time of the event. `role` says in which capacity the agency acts.
    `kind` is what you call such debts (`medical`) and `owed_since` the day since which the money is owed;
    plays may ask for both.
    """

    past: ClassVar[tuple[str, ...]] = ("balance_as_of",)

    debt_id: Id
    creditor: Line
    portfolio: Line | None = None
    role: Role
    reference: Line
    balance: Money
    balance_as_of: Instant | None = None
    itemisation: Itemisation = ()
    default_language: Language | None = None
    validation_period_ends: Day | None = None
    placed_on: Day | None = None
    kind: Line | None = None
    owed_since: Day | None = None


class DebtUpdated(EventData):
    """Something about the account changed; a field left out stays as it was."""

    past: ClassVar[tuple[str, ...]] = ("balance_as_of",)

    debt_id: Id
    balance: Money | None = None
    balance_as_of: Instant | None = None
    itemisation: Itemisation | None = None
    status: DebtStatus | None = None
    reference: Line | None = None
    validation_period_ends: Day | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set - {"debt_id", "person_id", "balance_as_of"}:
            raise ValueError("name at least one thing that changed, such as balance or status")
        return self


class DebtDisputed(EventData):
    """The person disputes the debt; contact about it stops until the dispute is resolved.

    In force from `since`, else from the time of the event, until `until` or for `days` of 24
    hours; with neither until it is resolved.
    """

    debt_id: Id
    dispute_id: Id
    since: InstantOrDay | None = None
    until: InstantOrDay | None = None
    days: Days | None = None


class DebtDisputeResolved(EventData):
    """The dispute has been answered; it no longer stops contact."""

    debt_id: Id
    dispute_id: Id


class DebtClosed(EventData):
    """Nothing more is to be collected on this account."""

    debt_id: Id
    reason: CloseReason
