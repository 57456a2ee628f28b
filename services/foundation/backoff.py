"""Pauses between attempts at something that is out of order: each twice as long, up to the longest."""

from dataclasses import dataclass
from datetime import timedelta


def back_off(
    tries: int, *, first: timedelta = timedelta(seconds=30), most: timedelta = timedelta(hours=1)
) -> timedelta:
    """Return how long to wait after so many failures: 30 s, 1 min, 2 min … up to an hour."""
    # 2^30 first pauses are longer than any longest; beyond it the number only grows.
    return min(first * (1 << min(tries, 30)), most)


@dataclass(kw_only=True)
class Backoff:
    """The same pauses for a loop that counts its own failures, until `reset` says things work again."""

    first: timedelta = timedelta(milliseconds=100)
    longest: timedelta = timedelta(seconds=5)
    failures: int = 0

    def next_pause(self) -> timedelta:
        """Return how long to wait now; each call without a `reset` waits twice as long."""
        pause = back_off(self.failures, first=self.first, most=self.longest)
        self.failures += 1
        return pause

    def reset(self) -> None:
        self.failures = 0
