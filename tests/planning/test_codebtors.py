"""Several people who owe one debt: what one pays is paid for all, and only who paid is thanked."""

from decimal import Decimal
from itertools import permutations

from msgspec.structs import replace

from foundation.clock import parse_instant
from outreach.model.debt import Debt, Payment, PaymentState, Stamped
from outreach.model.money import Money
from outreach.planning.codebtors import share_money

PAID_AT = parse_instant("2026-03-10T18:00Z")


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


ADA = Debt(
    debt_id="d1",
    person_id="ada",
    payments={"pay1": Stamped(Payment(PaymentState.RECEIVED, usd("80.00")), PAID_AT, "agency e1")},
    balance=Stamped(usd("0.00"), PAID_AT, "agency e1"),
)
BOB = Debt(
    debt_id="d1",
    person_id="bob",
    balance=Stamped(usd("80.00"), parse_instant("2026-03-02T15:00Z"), "agency e2"),
)


def test_what_one_paid_is_paid_for_the_other_who_did_not_pay_it() -> None:
    ada, bob = share_money([ADA, BOB])

    assert bob.known_balance == usd("0.00")
    assert [money.payer for money in bob.money_in()] == ["ada"]
    assert [money.payer for money in ada.money_in()] == [None]


def test_sharing_again_in_any_order_changes_nothing() -> None:
    eve = replace(BOB, person_id="eve")
    once = {debt.person_id: debt for debt in share_money([ADA, BOB, eve])}

    for order in permutations(once.values()):
        assert {debt.person_id: debt for debt in share_money(order)} == once
