"""Spreads what opens at one instant, so that an opening window is not a burst."""

from datetime import datetime, timedelta
from uuid import UUID


def spread(instant: datetime, touch_id: UUID, over: timedelta) -> datetime:
    """Return an instant up to `over` later, always the same for a touch.

    This moves when a touch is tried, never the instant that the policy named.
    """
    return instant + over * ((touch_id.int >> 16) % 10_000 / 10_000)


def back_off(
    tries: int, *, first: timedelta = timedelta(seconds=30), most: timedelta = timedelta(hours=1)
) -> timedelta:
    """Return how long to wait before the next try: 30 s, 1 min, 2 min … up to an hour."""
    return min(first * (1 << min(tries, 10)), most)
