"""The audit reads clocks minute by minute, the policy lays windows out as spans; they agree."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from outreach.audit.clocks import has_begun, read_clock
from outreach.audit.days import is_named
from outreach.model.window import WeeklyWindow
from outreach.policy.recurring_days import RecurringDays
from outreach.policy.timetable import Timetable
from outreach.policy.zones import day_begins

_ZONES = ("America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Havana", "Asia/Kolkata")
#: Clocks change in one of the zones within a day of each.
_CHANGES = (
    "2026-03-08T07:00",
    "2026-03-29T01:00",
    "2026-04-04T15:00",
    "2026-10-25T01:00",
    "2026-11-01T05:00",
)

_instants = st.builds(
    lambda change, minutes, seconds: (
        datetime.fromisoformat(f"{change}+00:00") + timedelta(minutes=minutes, seconds=seconds)
    ),
    st.sampled_from(_CHANGES),
    st.integers(-1500, 1500),
    st.sampled_from((0, 0, 1, 59)),
)
_windows = st.builds(
    lambda days, begins, length: WeeklyWindow(
        days=frozenset(days), begins=begins * 900, ends=(begins + length) * 900 % 86_400 or 86_400
    ),
    st.sets(st.integers(0, 6), min_size=3),
    st.integers(0, 95),
    st.integers(1, 95),
)


@given(instant=_instants, zone=st.sampled_from(_ZONES), window=_windows)
@example(
    instant=datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
    zone="America/New_York",
    window=WeeklyWindow(days=frozenset(range(7)), begins=3600, ends=7200),
)
@example(
    instant=datetime(2026, 3, 8, 7, 0, tzinfo=UTC),
    zone="America/New_York",
    window=WeeklyWindow(days=frozenset(range(7)), begins=9000, ends=30_000),
)
def test_a_window_is_open_for_the_audit_when_it_is_for_the_policy(
    instant: datetime, zone: str, window: WeeklyWindow
) -> None:
    clock = read_clock(instant, zone)

    assert clock.is_inside(window) is not Timetable((window,)).forbids(instant, zone)
    assert clock.may_be_inside(window) is Timetable((window,), forbidding=True).forbids(instant, zone)


@given(instant=_instants, zones=st.sets(st.sampled_from(_ZONES), min_size=1), day=st.integers(-2, 2))
def test_a_date_begins_for_the_audit_when_it_does_for_the_policy(
    instant: datetime, zones: set[str], day: int
) -> None:
    edge = instant.date() + timedelta(days=day)

    begun = has_begun(edge, instant, frozenset(zones))

    assert begun is (instant >= day_begins(edge, frozenset(zones)))


@pytest.mark.parametrize(
    "spelled",
    [
        *("12-25", "2026-04-03", "easter-2", "easter+1", "3rd mon of 02", "last mon of 05"),
        *("mon before 05-25", "07-01 (07-02 if sun)", "1st mon of 09"),
    ],
)
def test_a_spelled_day_is_the_same_day_to_both(spelled: str) -> None:
    days = [date(2025, 1, 1) + timedelta(days=each) for each in range(6 * 365)]

    assert [each for each in days if is_named(each, spelled)] == [
        each for each in days if RecurringDays((spelled,)).include(each)
    ]
