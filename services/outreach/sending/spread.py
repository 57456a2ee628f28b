"""Spreads what opens at one instant, so that an opening window is not a burst."""

from datetime import datetime, timedelta
from uuid import UUID


def spread(instant: datetime, touch_id: UUID, over: timedelta) -> datetime:
    """Return an instant up to `over` later, always the same for a touch.

    This moves when a touch is tried, never the instant that the policy named.
    """
    return instant + over * ((touch_id.int >> 16) % 10_000 / 10_000)
