"""Made-up facts, so that every wording can be looked at before anybody is sent it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from outreach.model.money import Money

SAMPLE_FACTS: Mapping[str, Mapping[str, Any]] = {
    "person": {"given_name": "Ada"},
    "creditor": {"name": "Elm Bank"},
    "agency": {
        "name": "Harbor Recovery",
        "phone": "+1 312 555 0100",
        "email": "hello@harbor.example.com",
        "website": "https://harbor.example.com",
        "postal_address": "1 Main Street, Springfield, IL 62701",
        "complaints": "complaints@harbor.example.com",
    },
    "answer": {"text": "Thank you for telling us. Take all the time you need."},
    "debt": {
        "reference": "EB-4471",
        "balance": Money(Decimal("320.00"), "USD"),
        "since": date(2026, 5, 4),
    },
    "instalment": {"amount": Money(Decimal("40.00"), "USD"), "due_on": date(2026, 6, 12)},
    "payment": {"amount": Money(Decimal("40.00"), "USD"), "on": date(2026, 6, 12)},
    "promise": {"amount": Money(Decimal("50.00"), "USD"), "due_on": date(2026, 6, 12)},
    "plan": {
        "instalments": [
            {"amount": Money(Decimal("40.00"), "USD"), "due_on": date(2026, 6, 12)},
            {"amount": Money(Decimal("40.00"), "USD"), "due_on": date(2026, 7, 10)},
        ]
    },
    "links": {
        "pay": "https://pay.example.com/a1",
        "preferences": "https://choices.example.com/p/Vc0k2Yt7Qm4zR1xJ8nB5sLw3aEoP",
        "unsubscribe": "https://outreach.example.com/unsubscribe/token",
    },
}

_PAID = {"amount": Money(Decimal("40.00"), "USD"), "on": date(2026, 6, 12), "reference": "EB-4471"}
_PAID_TOO = {"amount": Money(Decimal("25.00"), "USD"), "on": date(2026, 6, 12), "reference": "EB-4472"}
_DUE = {"amount": Money(Decimal("40.00"), "USD"), "due_on": date(2026, 6, 12), "reference": "EB-4471"}
_DUE_LATER = {"amount": Money(Decimal("25.00"), "EUR"), "due_on": date(2026, 6, 19), "reference": "EB-4472"}
_NONE: Mapping[str, Any] = {}
_OWED = {"reference": "EB-4471", "balance": Money(Decimal("320.00"), "USD"), "since": date(2026, 5, 4)}
_OWED_TOO = {"reference": "EB-4472"}
_DATED = {"amount": Money(Decimal("40.00"), "USD"), "due_on": date(2026, 6, 12)}
_DATED_LATER = {"amount": Money(Decimal("25.00"), "EUR"), "due_on": date(2026, 7, 10)}
#: What is said of several is said of none of them alone.
_ONE_DEBT = {
    "instalment": _NONE,
    "payment": _NONE,
    "promise": _NONE,
    "plan": _NONE,
    "debt": {"reference": "EB-4471"},
}

#: What may be otherwise than in the sample, each by itself: every wording can say all of it.
SAMPLE_BRANCHES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "as usual": {},
    "no name": {"person": _NONE},
    "no links": {"links": {"unsubscribe": SAMPLE_FACTS["links"]["unsubscribe"]}},
    "no reference": {"debt": {"balance": SAMPLE_FACTS["debt"]["balance"]}},
    "balance not known": {"debt": {"reference": "EB-4471"}},
    "nothing left": {
        "debt": {"reference": "EB-4471", "balance": Money(Decimal("0.00"), "USD"), "is_paid": True}
    },
    "more than was owed": {
        "debt": {"reference": "EB-4471", "balance": Money(Decimal("-5.00"), "USD"), "is_paid": True}
    },
    "day not known": {"payment": {"amount": SAMPLE_FACTS["payment"]["amount"]}},
    "paid in part": {
        "instalment": {
            "amount": Money(Decimal("15.00"), "USD"),
            "due_on": date(2026, 6, 12),
            "is_rest": True,
            "agreed": Money(Decimal("40.00"), "USD"),
        },
        "promise": {
            "amount": Money(Decimal("15.00"), "USD"),
            "due_on": date(2026, 6, 12),
            "is_rest": True,
            "agreed": Money(Decimal("50.00"), "USD"),
        },
    },
    "one payment": {
        "plan": {"instalments": [{"amount": Money(Decimal("40.00"), "USD"), "due_on": date(2026, 6, 12)}]}
    },
}
#: Several debts at once, for the wordings that can speak of them: all else is not said of one.
SEVERAL_BRANCHES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "several": {
        **_ONE_DEBT,
        "together": {
            "debts": [_OWED, {**_OWED, "reference": "EB-4472"}],
            "plans": [
                {"reference": "EB-4471", "instalments": [_DATED, _DATED]},
                {"reference": "EB-4472", "instalments": [_DATED]},
            ],
            "payments": [_PAID, _PAID_TOO],
            "instalments": [_DUE, {**_DUE, "amount": Money(Decimal("25.00"), "USD")}],
            "promises": [_DUE, {**_DUE, "amount": Money(Decimal("25.00"), "USD")}],
            "total": Money(Decimal("65.00"), "USD"),
            "day": date(2026, 6, 12),
        },
    },
    "several currencies and days": {
        **_ONE_DEBT,
        "together": {
            "debts": [_OWED, _OWED_TOO, {}],
            "plans": [{"instalments": [_DATED, _DATED_LATER]}, {"instalments": [_DATED_LATER]}],
            "payments": [_PAID, {"amount": Money(Decimal("25.00"), "EUR")}],
            "instalments": [_DUE, _DUE_LATER],
            "promises": [_DUE, _DUE_LATER],
        },
    },
}
