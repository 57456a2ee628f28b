"""Holidays as statutes name them."""

from datetime import date

import pytest

from outreach.policy.recurring_days import RecurringDays, easter


@pytest.mark.parametrize(
    ("spelled", "year", "day"),
    [
        pytest.param("12-25", 2026, date(2026, 12, 25), id="the same day every year"),
        pytest.param("easter-2", 2026, date(2026, 4, 3), id="Good Friday 2026"),
        pytest.param("easter+1", 2027, date(2027, 3, 29), id="Easter Monday 2027"),
        pytest.param("3rd mon of 02", 2026, date(2026, 2, 16), id="Family Day 2026"),
        pytest.param("1st mon of 09", 2026, date(2026, 9, 7), id="Labour Day 2026"),
        pytest.param("last mon of 05", 2026, date(2026, 5, 25), id="the last Monday of May 2026"),
        pytest.param("mon before 05-25", 2026, date(2026, 5, 18), id="Victoria Day when May 25 is a Monday"),
        pytest.param("mon before 05-25", 2027, date(2027, 5, 24), id="Victoria Day when May 24 is one"),
        pytest.param("07-01 (07-02 if sun)", 2029, date(2029, 7, 2), id="Canada Day on a Sunday, in Quebec"),
        pytest.param(
            "07-01 (07-02 if sun)", 2026, date(2026, 7, 1), id="Canada Day on a Wednesday, in Quebec"
        ),
    ],
)
def test_a_day_falls_where_the_calendar_says(spelled: str, year: int, day: date) -> None:
    assert RecurringDays((spelled,)).in_year(year) == {day}


def test_a_day_that_comes_once_comes_in_its_year() -> None:
    days = RecurringDays(("2026-12-24",))

    assert days.include(date(2026, 12, 24))
    assert days.in_year(2027) == frozenset()


def test_a_leap_day_is_left_out_of_other_years() -> None:
    assert RecurringDays(("02-29",)).in_year(2026) == frozenset()
    assert RecurringDays(("02-29",)).in_year(2028) == {date(2028, 2, 29)}


@pytest.mark.parametrize("spelled", ["13-01", "5th mon of 02", "pentecost", "mon after 05-25", "2026-02-30"])
def test_a_day_that_cannot_be_read_is_refused(spelled: str) -> None:
    with pytest.raises(ValueError, match="is no day"):
        RecurringDays((spelled,))


def test_easter_is_where_tables_have_it() -> None:
    assert [easter(year) for year in (2024, 2025, 2026, 2027, 2038)] == [
        date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5), date(2027, 3, 28), date(2038, 4, 25),
    ]  # fmt: skip
