"""Lint: what should never be said to somebody who owes money is found, what is kind passes."""

from datetime import date
from decimal import Decimal

import pytest

from outreach.model.money import Money
from outreach.wording.formats import write_day, write_money
from outreach.wording.lint import Fault, lint, lint_transparency
from outreach.wording.readability import reading_age


@pytest.mark.parametrize(
    ("text", "language", "fault"),
    [
        ("Pay or we will take legal action.", "en", Fault.THREAT),
        ("This may affect your credit score.", "en", Fault.THREAT),
        ("Your wages may be garnished.", "en", Fault.THREAT),
        ("Podemos embargar su salario.", "es", Fault.THREAT),
        ("This is your FINAL NOTICE", "en", Fault.URGENCY),
        ("You must pay by Friday.", "en", Fault.URGENCY),
        ("Llame cuanto antes.", "es", Fault.URGENCY),
        ("Please call us!", "en", Fault.SHOUTING),
        ("This is IMPORTANT.", "en", Fault.SHOUTING),
        ("You failed to pay.", "en", Fault.BLAME),
        ("Your account is overdue.", "en", Fault.BLAME),
        ("Usted debe 40 dólares.", "es", Fault.BLAME),
        ("Please remit the outstanding amount.", "en", Fault.JARGON),
        ("Le rogamos abonar el saldo pendiente.", "es", Fault.JARGON),
        ("Can you pay? When? How?", "en", Fault.QUESTIONS),
    ],
)
def test_unkindness_is_found(text: str, language: str, fault: Fault) -> None:
    assert fault in {each.fault for each in lint(text, language=language)}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Reply STOP to stop texts. Reply START for more, HELP for help.", "en"),
        ("We issued your plan on Friday. Would Monday suit you?", "en"),
        ("A pursuit of happiness in the courtyard.", "en"),
        ("Responda AYUDA si quiere ayuda.", "es"),
        ("Bonjour, comment allez-vous ?", "fr"),
    ],
    ids=["words to type", "words inside words", "courtyards", "Spanish", "a language nobody taught us"],
)
def test_kindness_passes(text: str, language: str) -> None:
    assert lint(text, language=language) == []


def test_a_proper_name_is_nobodys_fault() -> None:
    assert lint("ACME CREDITOR LLC says hello.", names=["ACME CREDITOR LLC"]) == []


HARD = (
    "Notwithstanding any previously communicated correspondence regarding the aforementioned "
    "institutional documentation, individuals experiencing considerable difficulties are invited "
    "to participate in comprehensive conversations concerning alternative arrangements."
)


def test_a_text_too_hard_to_read_is_found() -> None:
    assert Fault.READING_AGE in {each.fault for each in lint(HARD)}


def test_reading_age_is_what_the_formula_says() -> None:
    ten_sentences_of_three_short_words = "We like you. " * 10

    assert reading_age(ten_sentences_of_three_short_words, language="en") == pytest.approx(
        0.39 * 3 + 11.8 * 1 - 15.59 + 5
    )


def test_a_short_text_says_nothing_of_its_reader() -> None:
    assert reading_age("Notwithstanding institutional documentation.", language="en") is None


def test_what_a_message_does_not_tell_is_found() -> None:
    remarks = lint_transparency("Hello.", agency="Harbor Recovery", creditor="Elm Bank")

    assert [each.words for each in remarks] == ["who writes", "for whom", "what the person can do"]


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
