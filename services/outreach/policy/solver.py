"""When everything permits together: the exact first instant, found without trial and error.

Bans that end are finitely many stretches of time; the hours are a calendar. The search alternates
between the end of the bans and the next common hour, and every round leaves a ban behind for good,
so it ends.
"""

from collections.abc import Sequence
from datetime import datetime

from outreach.policy.hours import SEARCH, Hours
from outreach.policy.inquiry import Ban
from outreach.policy.spans import FOREVER, Span


def first_permitted(
    bans: Sequence[Ban], hours: Hours, *, now: datetime, passes_hours: Span | None
) -> datetime | None:
    """Return the least instant from `now` on at which no ban stands and the hours permit.

    `passes_hours` is when the message passes every window. None: the windows leave no common
    instant in the 60 days after everything else permits.
    """
    at = now
    while True:
        free = _end_of_bans(bans, at)
        opens = _opens_at(hours, free, passes_hours)
        if opens is None or opens == free:
            return opens
        at = opens


def _end_of_bans(bans: Sequence[Ban], at: datetime) -> datetime:
    """Return the first instant from `at` on that no ban covers."""
    standing = True
    while standing:
        standing = False
        for ban in bans:
            begins, ends = ban.span
            if begins <= at < ends:
                at, standing = ends, True
    return at


def _opens_at(hours: Hours, free: datetime, passes_hours: Span | None) -> datetime | None:
    if passes_hours is not None and passes_hours.covers(free):
        return free
    opens = hours.opens_at(free, by=min(free + SEARCH, FOREVER))
    if (
        passes_hours is not None
        and free < passes_hours.begins
        and (opens is None or passes_hours.begins < opens)
    ):
        return passes_hours.begins
    return opens
