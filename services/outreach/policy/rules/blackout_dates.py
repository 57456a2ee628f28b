"""Nobody is disturbed on a holiday."""

from dataclasses import dataclass

from outreach.policy.recurring_days import RecurringDays
from outreach.policy.rules.terms import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class BlackoutDates:
    """Hold a message on these days, in every zone the person may be in, from midnight to midnight.

    `zone` fixes the clock instead.
    """

    terms: Terms
    days: RecurringDays
    zone: str | None = None
