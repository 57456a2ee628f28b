"""Pauses between attempts at something that is out of order, so that no loop runs hot."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(kw_only=True)
class Backoff:
    """Pauses that double from `first` up to `longest`, until `reset` says things work again."""

    first: timedelta = timedelta(milliseconds=100)
    longest: timedelta = timedelta(seconds=5)
    failures: int = 0

    def next_pause(self) -> timedelta:
        """Return how long to wait now; each call without a `reset` waits twice as long."""
        # 2^30 first pauses are longer than any `longest`; beyond it the number only grows.
        pause = min(self.longest, self.first * (1 << min(self.failures, 30)))
        self.failures += 1
        return pause

    def reset(self) -> None:
        self.failures = 0


def back_off(
    tries: int, *, first: timedelta = timedelta(seconds=30), most: timedelta = timedelta(hours=1)
) -> timedelta:
    """Return how long to wait before the next try: 30 s, 1 min, 2 min … up to an hour."""
    return min(first * (1 << min(tries, 10)), most)
