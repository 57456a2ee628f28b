"""Amounts and days, as the people who read them write them."""

from datetime import date
from decimal import Decimal

import pytest

from outreach.model.money import Money
from outreach.wording.formats import write_day, write_money


@pytest.mark.parametrize(
    ("amount", "currency", "language", "written"),
    [
        ("1234.5", "USD", "en", "$1,234.50"),
        ("40", "GBP", "en-GB", "£40.00"),
        ("1234.50", "EUR", "es", "1.234,50 €"),
        ("1234.50", "USD", "es", "$1,234.50"),
        ("12", "CHF", "en", "CHF 12.00"),
        ("1200", "JPY", "en", "¥1,200"),
    ],
)
def test_amounts_are_written_as_people_write_them(
    amount: str, currency: str, language: str, written: str
) -> None:
    assert write_money(Money(Decimal(amount), currency), language=language) == written


@pytest.mark.parametrize(
    ("amount", "currency", "language", "country", "written"),
    [
        ("40", "GBP", "en", "GB", "£40.00"),
        ("40", "USD", "en", "GB", "US$40.00"),
        ("40", "CAD", "en", "CA", "$40.00"),
        ("40", "CAD", "en", "US", "CA$40.00"),
        ("40", "AUD", "en", "AU", "$40.00"),
        ("125000", "INR", "en", "IN", "₹1,25,000.00"),
        ("125000", "INR", "hi", "IN", "₹1,25,000.00"),
        ("40", "USD", "es", "MX", "USD 40.00"),
        ("40", "MXN", "es", "MX", "$40.00"),
        # In a language that is not the country's own too.
        ("60", "GBP", "es", "GB", "£60.00"),
        ("60", "GBP", "fr", "GB", "60,00 £"),
        ("60", "CAD", "es", "CA", "$60.00"),
        ("60", "GBP", "es", "US", "GBP 60.00"),
        ("60", "PLN", "es", "PL", "PLN 60.00"),
        ("8000", "JPY", "en", "JP", "¥8,000"),
        ("1.5", "KWD", "en", "KW", "KWD 1.500"),
        ("15000", "JPY", "ja", "JP", "\uffe515,000"),
        ("1234.5", "EUR", "fr", "FR", "1 234,50 €"),
        # More exact than its currency: an amount is never rounded.
        ("10.5", "ALL", "en", "US", "ALL 10.50"),
        ("0.125", "USD", "en", "US", "$0.125"),
        ("40", "USD", "qya", "US", "USD 40.00"),
    ],
)
def test_amounts_are_written_as_where_the_person_lives(
    amount: str, currency: str, language: str, country: str, written: str
) -> None:
    assert write_money(Money(Decimal(amount), currency), language=language, country=country) == written


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "Friday, June 12"),
        ("en-US", "Friday, June 12"),
        ("en-GB", "Friday 12 June"),
        ("es-MX", "viernes 12 de junio"),
        ("fr", "vendredi 12 juin"),
        ("qya", "2026-06-12"),
    ],
)
def test_days_are_written_as_people_write_them(language: str, written: str) -> None:
    assert write_day(date(2026, 6, 12), language=language) == written
