"""The picture of a week shows what a person's wishes leave of it, on their own clock."""

from hypothesis import given
from hypothesis import strategies as st

from preferences.pages.week import WEEKDAYS, Span, minutes, week_of
from schemas.people import QuietHours, WeeklyWindow
from schemas.vocabulary import Weekday

TIMES = st.integers(0, 47).map(lambda half: f"{half // 2:02}:{half % 2 * 30:02}")


def test_without_a_wish_every_day_is_open_but_for_the_night() -> None:
    week = week_of()

    assert set(week.open.values()) == {(Span(8 * 60, 21 * 60),)}
    assert not week.is_chosen


def test_only_the_days_that_were_named_are_open() -> None:
    assert week_of(contact_days=("sat", "tue")).days == ("tue", "sat")


def test_quiet_hours_go_past_midnight() -> None:
    week = week_of(quiet_hours=QuietHours(begins="18:00", ends="09:30"))

    assert set(week.open.values()) == {(Span(9 * 60 + 30, 18 * 60),)}


def test_a_lunch_break_leaves_two_spans() -> None:
    lunch = WeeklyWindow(days=("wed",), begins="12:00", ends="13:00")

    assert week_of(inconvenient=[lunch]).open["wed"] == (Span(480, 720), Span(780, 1260))


def test_a_window_past_midnight_closes_the_morning_of_the_next_day() -> None:
    night = WeeklyWindow(days=("sun",), begins="20:00", ends="10:00")

    week = week_of(inconvenient=[night])

    assert week.open["sun"] == (Span(480, 1200),)
    assert week.open["mon"] == (Span(600, 1260),)


@given(days=st.sets(st.sampled_from(WEEKDAYS)), begins=TIMES, ends=TIMES, minute=st.integers(0, 1439))
def test_a_minute_is_open_when_no_wish_closes_it(
    days: set[Weekday], begins: str, ends: str, minute: int
) -> None:
    if begins == ends:
        return
    week = week_of(contact_days=tuple(days), quiet_hours=QuietHours(begins=begins, ends=ends))
    first, last = minutes(begins), minutes(ends)
    is_quiet = first <= minute < last if first < last else minute >= first or minute < last

    for day in WEEKDAYS:
        is_open = any(span.begins <= minute < span.ends for span in week.open[day])
        assert is_open == (480 <= minute < 1260 and not is_quiet and (not days or day in days))
