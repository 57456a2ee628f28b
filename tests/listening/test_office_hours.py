"""By when a human has to deal with what somebody wrote, by the hours of the office."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.listening.deadline import answer_by
from outreach.model.office_hours import OfficeHours
from outreach.policy.recurring_days import RecurringDays
from outreach.understanding.kinds import Urgency
from tests.policy.builders import at

CHICAGO = OfficeHours(zone=ZoneInfo("America/Chicago"), days_off=RecurringDays(("03-04",)))
INSTANTS = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: at("2026-01-01T00:00Z") + timedelta(minutes=minutes)
)


@pytest.mark.parametrize(
    ("urgency", "since", "due"),
    [
        # Monday, ten o'clock: by the end of Monday, or of Tuesday.
        (Urgency.CRISIS, "2026-03-02T16:00Z", "2026-03-02T16:30Z"),
        (Urgency.SAME_DAY, "2026-03-02T16:00Z", "2026-03-02T23:00Z"),
        (Urgency.NORMAL, "2026-03-02T16:00Z", "2026-03-03T23:00Z"),
        # Tuesday evening; Wednesday is a day off.
        (Urgency.CRISIS, "2026-03-04T02:00Z", "2026-03-05T15:30Z"),
        (Urgency.SAME_DAY, "2026-03-04T02:00Z", "2026-03-05T23:00Z"),
        (Urgency.NORMAL, "2026-03-04T02:00Z", "2026-03-06T23:00Z"),
        # Friday, ten minutes before five: nobody leaves before it is dealt with.
        (Urgency.CRISIS, "2026-03-06T22:50Z", "2026-03-06T23:00Z"),
        # Friday evening: on Monday, when the clocks have changed.
        (Urgency.CRISIS, "2026-03-06T23:50Z", "2026-03-09T14:30Z"),
        # At five the office is closed.
        (Urgency.SAME_DAY, "2026-03-02T23:00Z", "2026-03-03T23:00Z"),
    ],
)
def test_a_deadline_is_counted_in_hours_of_work(urgency: Urgency, since: str, due: str) -> None:
    assert answer_by(urgency, at(since), CHICAGO) == at(due)


@given(since=INSTANTS)
def test_the_more_urgent_is_never_due_later(since: datetime) -> None:
    deadlines = [answer_by(urgency, since, CHICAGO) for urgency in Urgency]

    assert since < deadlines[0] <= deadlines[1] <= deadlines[2]


@given(instant=INSTANTS)
def test_an_office_opens_at_an_instant_at_which_it_is_open(instant: datetime) -> None:
    opens = CHICAGO.opens_at(instant)

    assert CHICAGO.is_open(opens)
    assert opens == instant or not CHICAGO.is_open(instant)


def test_an_office_that_never_opens_lets_nobody_wait_for_ever() -> None:
    closed = OfficeHours(days=frozenset(), begins=time(9), ends=time(17))

    assert answer_by(Urgency.NORMAL, at("2026-03-02T16:00Z"), closed) < at("2026-03-02T16:00Z") + timedelta(
        days=3
    )
