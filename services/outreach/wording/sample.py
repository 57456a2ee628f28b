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
    },
    "debt": {"reference": "EB-4471", "balance": Money(Decimal("320.00"), "USD")},
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
        "preferences": "https://preferences.example.com/p/token",
        "unsubscribe": "https://outreach.example.com/unsubscribe/token",
    },
}
