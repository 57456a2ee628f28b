"""Days and amounts that an answer names."""

from datetime import date
from decimal import Decimal

import pytest

from outreach.understanding.understand import understand

MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("I'll pay Friday", date(2026, 3, 6)),
        ("on monday", date(2026, 3, 9)),
        ("tomorrow", date(2026, 3, 3)),
        ("the 15th", date(2026, 3, 15)),
        ("the 1st", date(2026, 4, 1)),
        ("by March 20", date(2026, 3, 20)),
        ("on 20 march", date(2026, 3, 20)),
        ("January 5th", date(2027, 1, 5)),
        ("4/15 ok?", date(2026, 4, 15)),
        ("el viernes", date(2026, 3, 6)),
        ("el 5 de abril", date(2026, 4, 5)),
        ("mañana", date(2026, 3, 3)),
    ],
)
def test_a_day_is_the_next_one_that_fits(text: str, day: date) -> None:
    assert [said.day for said in understand(text, received_on=MONDAY).days] == [day]


@pytest.mark.parametrize("text", ["next friday", "when payday comes", "next week", "2/30"])
def test_a_day_that_the_words_leave_open_stays_open(text: str) -> None:
    assert [said.day for said in understand(text, received_on=MONDAY).days] == [None]


def test_day_and_month_are_read_as_the_person_writes_them() -> None:
    american, british = (
        understand("4/5", received_on=MONDAY, language=language).days[0].day
        for language in ("en-US", "en-GB")
    )

    assert (american, british) == (date(2026, 4, 5), date(2026, 5, 4))


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("I can do $50", Decimal(50), ""),
        ("$1,250.50 is too much", Decimal("1250.50"), ""),
        ("40 bucks", Decimal(40), ""),
        ("thirty? no, 30 quid", Decimal(30), "GBP"),
        ("£25 a week", Decimal(25), "GBP"),
        ("puedo abonar 200", Decimal(200), ""),
        ("I can pay 75 on the 20th", Decimal(75), ""),
        ("$2k", Decimal(2000), ""),
    ],
)
def test_an_amount_is_exact(text: str, amount: Decimal, currency: str) -> None:
    (said,) = understand(text).amounts

    assert (said.amount, said.currency) == (amount, currency)


@pytest.mark.parametrize("text", ["I'll pay on the 15th", "call me at 5", "I'm 14", "pay 15 days late"])
def test_other_figures_are_no_amounts(text: str) -> None:
    assert not understand(text).amounts
