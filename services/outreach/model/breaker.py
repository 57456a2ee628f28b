"""Whether a vendor is given a rest."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Breaker:
    """How a provider fails: how often in a row, and until when it rests, if it does.

    When its rest is over, one call tries whether it works; until that is known nobody else calls.
    """

    failures: int
    open_till: datetime | None

    def rests(self, now: datetime) -> bool:
        """True while nobody may call it, or while one call tries."""
        return self.open_till is not None and self.open_till > now
