"""What the playbook desires, at the edges where somebody would be written to for nothing."""

from datetime import UTC, date, datetime
from decimal import Decimal

from outreach.model.debt import Debt, Instalment, Payment, PaymentState, Placement, Plan, Stamped
from outreach.model.money import Money
from outreach.model.words import Role
from outreach.planning.desire import uncovered_instalments

AGREED = datetime(2026, 3, 2, 15, tzinfo=UTC)


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def a_debt_with_two_instalments(*, paid: str) -> Debt:
    plan = Plan(
        (Instalment(1, date(2026, 3, 20), usd("40.00")), Instalment(2, date(2026, 4, 20), usd("40.00")))
    )
    payment = Payment(PaymentState.RECEIVED, usd(paid))
    return Debt(
        debt_id="d1",
        person_id="ada",
        placement=Stamped(Placement("northwind", Role.THIRD_PARTY, "NW-1"), AGREED, "agency e1"),
        plans={"p1": Stamped(plan, AGREED, "agency e2")},
        payments={"pay1": Stamped(payment, datetime(2026, 3, 10, tzinfo=UTC), "agency e3")},
    )


def test_an_instalment_paid_to_the_cent_is_covered() -> None:
    left = uncovered_instalments(a_debt_with_two_instalments(paid="40.00"))

    assert [each.number for each in left] == [2]


def test_a_cent_short_is_not_covered() -> None:
    left = uncovered_instalments(a_debt_with_two_instalments(paid="39.99"))

    assert [each.number for each in left] == [1, 2]


def test_one_payment_may_cover_several_instalments() -> None:
    assert list(uncovered_instalments(a_debt_with_two_instalments(paid="80.00"))) == []
