"""Pace: how fast a vendor is called, whatever one call weighs and however the pace changes meanwhile."""

from datetime import timedelta

from aiolimiter import AsyncLimiter


class Pace:
    """So much in a second, evenly, and no more than a second's worth of it at once."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._limiter = _limiter(per_second)
        self._waiting = 0

    @property
    def per_second(self) -> float:
        return self._per_second

    def change(self, per_second: float) -> None:
        """Go on at another pace. Whoever waits already is let go at the one before."""
        if per_second != self._per_second:
            # A limiter keeps the rate that it was made with, whatever is set at it later.
            self._per_second = per_second
            self._limiter = _limiter(per_second)

    def room(self, within: timedelta) -> int:
        """Return how much more will have its turn within such a time; none while half of that waits."""
        most = max(1, int(self._per_second * within.total_seconds()))
        return most - self._waiting if self._waiting <= most // 2 else 0

    async def take(self, weight: int) -> None:
        """Return once so much may go. More than a second's worth takes its seconds."""
        self._waiting += weight
        try:
            for _ in range(weight):
                await self._limiter.acquire()
        finally:
            self._waiting -= weight


def _limiter(per_second: float) -> AsyncLimiter:
    # Below one a second, one at a time that takes longer: what has no room for one would never let it go.
    return AsyncLimiter(1, 1 / per_second) if per_second < 1 else AsyncLimiter(per_second, 1)
