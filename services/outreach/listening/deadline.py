"""By when a human has to deal with a reply, by the hours of the office. Pure."""

from datetime import datetime, timedelta
from typing import Final

from outreach.model.office_hours import OfficeHours
from outreach.understanding.kinds import Urgency

#: Of work: who is in danger is read before anything else is done.
CRISIS_WITHIN: Final = timedelta(minutes=30)


def answer_by(urgency: Urgency, since: datetime, hours: OfficeHours) -> datetime:
    """Return by when: a crisis within half an hour of work, the urgent today, all else the day after."""
    match urgency:
        case Urgency.CRISIS:
            return min(hours.after(since, CRISIS_WITHIN), hours.end_of_day(since))
        case Urgency.SAME_DAY:
            return hours.end_of_day(since)
        case Urgency.NORMAL:
            return hours.end_of_day(since, days_later=1)
