"""What the money that came covers: part payments, overpayments, what went back, and what is in doubt."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from msgspec.structs import replace

from foundation.clock import parse_instant
from outreach.model.debt import (
    Debt,
    Instalment,
    MeantFor,
    Payment,
    PaymentState,
    Plan,
    Promise,
    PromiseState,
    Stamped,
)
from outreach.model.money import Money
from outreach.planning.coverage import Left, instalments_left, promise_left

AGREED = "2026-03-02T15:05Z"
LATER = parse_instant("2026-03-15T12:00Z")
THREE = ("2026-03-20", "2026-04-20", "2026-05-20")


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def stamped(value: object, at: str) -> Stamped:  # type: ignore[type-arg]
    return Stamped(value, parse_instant(at), f"agency {at}")


def planned(
    *payments: tuple[str, str | None], opening: str | None = "240.00", balance: str | None = None
) -> Debt:
    """A debt with three instalments of 80.00; each payment has the instant it came and its amount."""
    plan = Plan(
        tuple(
            Instalment(number, date.fromisoformat(day), usd("80.00")) for number, day in enumerate(THREE, 1)
        )
    )
    debt = Debt(
        debt_id="d1",
        person_id="ada",
        plans={"p1": stamped(plan, AGREED)},
        begun={"plan:p1": parse_instant(AGREED)},
        payments={
            f"pay{number}": stamped(Payment(PaymentState.RECEIVED, usd(amount) if amount else None), at)
            for number, (at, amount) in enumerate(payments)
        },
    )
    if opening is not None:
        debt = replace(debt, openings={"plan:p1": stamped(usd(opening), "2026-03-02T15:00Z")})
    if balance is not None:
        debt = replace(debt, balance=stamped(usd(balance), "2026-03-14T12:00Z"))
    return debt


def left(debt: Debt, now: datetime = LATER) -> Sequence[Left]:
    return instalments_left(debt, calendar=lambda instant: instant.astimezone(UTC).date(), now=now)


def amounts(debt: Debt, now: datetime = LATER) -> list[str]:
    return [f"{part.due_on:%m-%d} {part.left.amount}" for part in left(debt, now)]


@pytest.mark.parametrize(
    ("debt", "expected"),
    [
        pytest.param(planned(), ["03-20 80.00", "04-20 80.00", "05-20 80.00"], id="nothing came"),
        pytest.param(
            planned(("2026-03-10T18:00Z", "30.00")),
            ["03-20 50.00", "04-20 80.00", "05-20 80.00"],
            id="a part payment leaves the rest",
        ),
        pytest.param(
            planned(("2026-03-10T18:00Z", "100.00")),
            ["04-20 60.00", "05-20 80.00"],
            id="too much goes to the next",
        ),
        pytest.param(
            planned(("2026-03-10T18:00Z", "79.99")),
            ["03-20 0.01", "04-20 80.00", "05-20 80.00"],
            id="a cent short is not covered",
        ),
        pytest.param(planned(("2026-03-10T18:00Z", "240.00")), [], id="one payment may cover several"),
        pytest.param(
            planned(("2026-03-05T18:00Z", "30.00"), ("2026-03-12T18:00Z", "50.00")),
            ["04-20 80.00", "05-20 80.00"],
            id="two payments cover one",
        ),
        pytest.param(
            planned(("2026-03-02T09:00Z", "80.00"), opening="160.00"),
            ["04-20 80.00", "05-20 80.00"],
            id="the plan's total tells of a down payment",
        ),
        pytest.param(
            planned(("2026-03-02T09:00Z", "80.00"), opening=None),
            ["04-20 80.00", "05-20 80.00"],
            id="with no balance, what came that day is a down payment",
        ),
        pytest.param(
            planned(("2026-03-02T09:00Z", "80.00")),
            ["03-20 80.00", "04-20 80.00", "05-20 80.00"],
            id="a payment that the balance had counted before is none",
        ),
        pytest.param(
            planned(("2026-02-27T09:00Z", "80.00"), opening=None),
            ["03-20 80.00", "04-20 80.00", "05-20 80.00"],
            id="nor is one of another day",
        ),
        pytest.param(planned(balance="0.00"), [], id="nothing is owed, so nothing is left"),
    ],
)
def test_money_covers_what_is_due_oldest_first(debt: Debt, expected: list[str]) -> None:
    assert amounts(debt) == expected


def test_what_went_back_is_owed_again_by_its_amount() -> None:
    debt = planned(("2026-03-10T18:00Z", "80.00"))

    partly = replace(debt, reversals={"pay0": stamped(usd("30.00"), "2026-03-11T18:00Z")})
    wholly = replace(debt, reversals={"pay0": stamped(None, "2026-03-11T18:00Z")})
    again = replace(debt, reversals={"pay0": stamped(None, "2026-03-09T18:00Z")})

    assert amounts(partly)[0] == "03-20 30.00"
    assert amounts(wholly)[0] == "03-20 80.00"
    assert amounts(again)[0] == "04-20 80.00"


def test_another_currency_covers_nothing() -> None:
    euros = Payment(PaymentState.RECEIVED, Money(Decimal("80.00"), "EUR"))

    debt = replace(planned(), payments={"pay0": stamped(euros, "2026-03-10T18:00Z")})

    assert amounts(debt)[0] == "03-20 80.00"


def test_a_payment_meant_for_a_later_instalment_is_not_asked_for_again_and_nothing_is_missing() -> None:
    meant = Payment(PaymentState.RECEIVED, usd("80.00"), meant_for=MeantFor(plan_id="p1", instalment=3))
    debt = replace(planned(), payments={"pay0": stamped(meant, "2026-03-10T18:00Z")})

    assert amounts(debt) == ["03-20 80.00", "04-20 80.00"]
    assert [part.is_missing for part in left(debt)] == [False, True]


def test_changing_a_plan_does_not_forget_what_was_paid() -> None:
    debt = planned(("2026-03-10T18:00Z", "80.00"))
    changed = replace(debt, plans={"p1": stamped(debt.plans["p1"].value, "2026-03-12T15:00Z")})

    assert amounts(changed) == amounts(debt)


def test_a_balance_that_fell_further_than_payments_tell_casts_doubt_on_as_much() -> None:
    debt = planned(balance="160.00")

    assert [part.in_doubt for part in left(debt)] == [True, False, False]
    assert [part.in_doubt for part in left(planned(balance="100.00"))] == [True, True, False]
    assert not any(part.in_doubt for part in left(planned(("2026-03-10T18:00Z", "80.00"), balance="160.00")))
    assert not any(part.in_doubt for part in left(planned(balance="245.10")))


def test_it_does_so_where_a_plan_is_for_a_part_of_what_is_owed_too() -> None:
    """More than the plan is left to pay, so only the fall tells that money came."""
    assert [part.in_doubt for part in left(planned(opening="500.00", balance="420.00"))] == [
        True,
        False,
        False,
    ]


def test_a_payment_of_unknown_amount_casts_doubt_on_everything() -> None:
    assert all(part.in_doubt for part in left(planned(("2026-03-10T18:00Z", None))))


def test_a_payment_on_its_way_is_waited_for_as_long_as_it_may_take() -> None:
    started = Payment(PaymentState.STARTED, usd("80.00"), expected_by=parse_instant("2026-03-24T00:00Z"))
    debt = replace(planned(), payments={"pay0": stamped(started, "2026-03-18T15:00Z")})

    before, after = (
        left(debt, parse_instant("2026-03-19T00:00Z")),
        left(debt, parse_instant("2026-03-24T00:00Z")),
    )

    assert [part.on_its_way_until for part in before] == [parse_instant("2026-03-24T00:00Z"), None, None]
    assert [part.on_its_way_until for part in after] == [None, None, None]


def promised(*payments: tuple[str, str]) -> Debt:
    promise = Promise(PromiseState.MADE, usd("100.00"), date(2026, 3, 20))
    return replace(planned(*payments, opening=None), plans={}, promises={"pr1": stamped(promise, AGREED)})


@pytest.mark.parametrize(
    ("payments", "expected"),
    [
        ([], "100.00"),
        ([("2026-03-12T18:00Z", "40.00")], "60.00"),
        ([("2026-03-12T18:00Z", "100.00")], None),
        ([("2026-03-01T18:00Z", "100.00")], "100.00"),
    ],
    ids=["nothing came", "a part came", "all came before its day", "money before it was promised"],
)
def test_money_that_came_since_covers_a_promise(
    payments: list[tuple[str, str]], expected: str | None
) -> None:
    rest = promise_left(promised(*payments), now=LATER)

    assert (str(rest.left.amount) if rest is not None else None) == expected


def test_a_plan_takes_the_place_of_a_promise_made_before_it_and_of_none_made_after() -> None:
    before, after = (
        replace(planned(), promises={"pr1": stamped(promised().promises["pr1"].value, at)})
        for at in ("2026-03-01T15:00Z", "2026-03-10T15:00Z")
    )

    assert promise_left(before, now=LATER) is None
    assert promise_left(after, now=LATER) is not None


def test_of_two_promises_the_one_made_last_stands() -> None:
    debt = promised()
    other = Promise(PromiseState.MADE, usd("50.00"), date(2026, 3, 27))

    rest = promise_left(
        replace(debt, promises={**debt.promises, "pr2": stamped(other, "2026-03-10T12:00Z")}), now=LATER
    )

    assert rest is not None
    assert (rest.due_on, rest.left) == (date(2026, 3, 27), usd("50.00"))
