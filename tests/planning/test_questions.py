# ruff: noqa: E501 - one contradiction a line
"""Contradictions in what is known of a debt: which are found, whatever came first, and which are none."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest

from foundation.clock import parse_instant
from outreach.model.debt import Debt
from outreach.planning.coverage import instalments_left
from outreach.planning.questions import questions_about
from outreach.planning.record import record_debt_event
from tests.planning.test_coverage_properties import event

NOW = parse_instant("2026-04-01T12:00Z")
PLACED = ("debt.placed", "2026-03-02T15:00Z", {"balance": "240.00", "creditor": "northwind"})
AGREED = ("plan.agreed", "2026-03-02T16:00Z", {"plan_id": "p1", "instalments": [("2026-03-20", "80.00")]})

Told = tuple[str, str, dict[str, Any]]


def money(written: str) -> dict[str, str]:
    """`80.00` is in dollars, `80.00 EUR` is not."""
    amount, _, currency = written.partition(" ")
    return {"amount": amount, "currency": currency or "USD"}


def debt_of(*told: Told) -> Debt:
    debt = Debt(debt_id="d1", person_id="ada")
    for number, (kind, time, said) in enumerate(told):
        data = {
            name: money(value) if name in ("balance", "amount") else value for name, value in said.items()
        }
        if "instalments" in data:
            data["instalments"] = [
                {"number": place, "due_on": day, "amount": money(amount)}
                for place, (day, amount) in enumerate(data["instalments"], 1)
            ]
        if kind == "debt.placed":
            data |= {"role": "third_party", "reference": "NW-1"}
        debt = record_debt_event(debt, event(number, kind, parse_instant(time), **data))
    return debt


def found(debt: Debt, creditors: Sequence[str] = ("northwind",)) -> list[str]:
    questions = questions_about(debt, creditors=creditors, now=NOW)
    return sorted(f"{question.kind} {question.about}".strip() for question in questions)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([PLACED, AGREED], []),
        ([("debt.placed", "2026-03-02T15:00Z", {"balance": "1.00", "creditor": "who"})], ["unknown_creditor who"]),
        (
            [("payment.received", "2026-03-02T15:00Z", {"payment_id": "a", "amount": "1.00"})],
            ["unplaced_debt payment:a"],
        ),
        (
            [PLACED, ("plan.agreed", "2026-03-02T16:00Z", {"plan_id": "p1", "instalments": [("2026-03-20", "80.00 EUR")]})],
            ["other_currency plan:p1"],
        ),
        (
            [PLACED, ("payment.received", "2026-03-03T16:00Z", {"payment_id": "a", "amount": "80.00 MXN"})],
            ["other_currency payment:a"],
        ),
        (
            [PLACED, ("promise.made", "2026-03-03T16:00Z", {"promise_id": "a", "amount": "80.00 GBP", "due_on": "2026-03-09"})],
            ["other_currency promise:a"],
        ),
        (
            [PLACED, ("debt.updated", "2026-03-03T16:00Z", {"balance": "250.00 CAD"})],
            ["other_currency balance"],
        ),
        (
            [PLACED, ("plan.agreed", "2026-03-02T16:00Z", {"plan_id": "p1", "instalments": [("2025-03-20", "80.00")]})],
            ["plan_in_the_past plan:p1"],
        ),
        (
            [PLACED, ("promise.made", "2026-03-03T16:00Z", {"promise_id": "a", "amount": "8.00", "due_on": "2026-03-01"})],
            ["promise_in_the_past promise:a"],
        ),
        ([PLACED, ("payment.reversed", "2026-03-03T16:00Z", {"payment_id": "a"})], ["unknown_payment payment:a"]),
        (
            [PLACED, AGREED, ("payment.received", "2026-03-03T16:00Z", {"payment_id": "a", "amount": "8.00", "plan_id": "p1", "instalment": 7})],
            ["paid_for_nothing payment:a"],
        ),
        (
            [PLACED, ("payment.received", "2026-03-03T16:00Z", {"payment_id": "a", "amount": "8.00", "promise_id": "x"})],
            ["paid_for_nothing payment:a"],
        ),
        (
            [PLACED, ("debt.closed", "2026-03-03T16:00Z", {"reason": "paid"}), ("debt.updated", "2026-03-04T16:00Z", {"balance": "10.00"})],
            ["closed_and_owed balance"],
        ),
    ],
)  # fmt: skip
def test_a_contradiction_is_found_whatever_was_heard_first(told: list[Told], expected: list[str]) -> None:
    for order in permutations(told):
        assert found(debt_of(*order)) == expected


@pytest.mark.parametrize(
    "told",
    [
        [PLACED, ("plan.agreed", "2026-03-02T02:00Z", {"plan_id": "p1", "instalments": [("2026-03-01", "80.00")]})],
        [PLACED, ("plan.agreed", "2026-03-02T16:00Z", {"plan_id": "p1", "instalments": [("2026-03-20", "80.00 EUR")]}),
         ("plan.cancelled", "2026-03-03T16:00Z", {"plan_id": "p1"})],
        [PLACED, AGREED, ("plan.cancelled", "2026-03-03T16:00Z", {"plan_id": "p1"}),
         ("payment.received", "2026-03-04T16:00Z", {"payment_id": "a", "amount": "8.00", "plan_id": "p1", "instalment": 1})],
        [PLACED, ("debt.closed", "2026-03-03T16:00Z", {"reason": "settled"}), ("debt.updated", "2026-03-04T16:00Z", {"balance": "10.00"})],
        [PLACED, ("debt.closed", "2026-03-03T16:00Z", {"reason": "recalled"}), ("payment.reversed", "2026-03-03T16:00Z", {"payment_id": "a"})],
    ],
    ids=[
        "a first instalment of the day on which it was agreed, west of us",
        "a plan that was cancelled",
        "money for a plan that was cancelled",
        "a rest that a settlement leaves",
        "a debt that nobody collects any more",
    ],
)  # fmt: skip
def test_what_may_be_so_is_no_contradiction(told: list[Told]) -> None:
    assert found(debt_of(*told)) == []


def test_a_directory_that_names_nobody_knows_of_no_strangers() -> None:
    assert found(debt_of(PLACED), creditors=()) == []


def test_nobody_is_asked_for_an_instalment_in_another_currency_than_what_is_owed() -> None:
    debt = debt_of(
        PLACED,
        ("plan.agreed", "2026-03-02T16:00Z", {"plan_id": "p1", "instalments": [("2026-03-20", "80.00 EUR")]}),
    )

    assert [part.in_doubt for part in _left(debt)] == [True]


def test_money_in_another_currency_may_have_covered_what_is_left() -> None:
    paid = ("payment.received", "2026-03-10T16:00Z", {"payment_id": "a", "amount": "75.00 EUR"})

    assert [part.in_doubt for part in _left(debt_of(PLACED, AGREED))] == [False]
    assert [part.in_doubt for part in _left(debt_of(PLACED, AGREED, paid))] == [True]


def _left(debt: Debt) -> Sequence[Any]:
    return instalments_left(debt, calendar=lambda instant: instant.date(), now=NOW)
