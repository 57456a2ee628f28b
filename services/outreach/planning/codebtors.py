"""One debt that several people owe: money paid by one is paid for all. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from outreach.model.debt import Debt, Payment, Stamped, latest
from outreach.model.money import Money
from outreach.planning.record import stated, with_openings

#: No debt has more. Where more people seem to owe one, its id is not that of one debt: nothing is shared.
MOST_CODEBTORS: Final = 20


def share_money(owing: Sequence[Debt]) -> list[Debt]:
    """Return what everybody who owes one debt knows of its money: payments, what went back, what is owed.

    Plans, promises, disputes and whether it is open stay each person's own. Who paid is kept with a payment,
    so that nobody else is thanked for it. Sharing twice changes nothing, in whatever order things were heard.
    """
    payments: dict[str, Stamped[Payment]] = {}
    for debt in owing:
        for name, payment in debt.payments.items():
            payer = payment.value.payer or debt.person_id
            named = Stamped(replace(payment.value, payer=payer), payment.at, payment.by)
            payments[name] = latest(payments.get(name), named)
    reversals = _joined([debt.reversals for debt in owing])
    balance: Stamped[Money | None] | None = None
    balances: tuple[Stamped[Money | None], ...] = ()
    for debt in owing:
        balance = latest(balance, debt.balance) if debt.balance is not None else balance
        for statement in debt.balances:
            balances = stated(balances, statement)
    return [
        with_openings(
            replace(
                debt,
                payments={name: _as_seen_by(debt.person_id, payment) for name, payment in payments.items()},
                reversals=reversals,
                balance=balance,
                balances=balances,
            )
        )
        for debt in owing
    ]


def _as_seen_by(person_id: str, payment: Stamped[Payment]) -> Stamped[Payment]:
    if payment.value.payer != person_id:
        return payment
    return Stamped(replace(payment.value, payer=None), payment.at, payment.by)


def _joined(facts: Sequence[Mapping[str, Stamped[Any]]]) -> dict[str, Stamped[Any]]:
    joined: dict[str, Stamped[Any]] = {}
    for mapping in facts:
        for name, fact in mapping.items():
            joined[name] = latest(joined.get(name), fact)
    return joined
