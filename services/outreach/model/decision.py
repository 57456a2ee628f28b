"""The policy's answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from outreach.model.words import CLOSING, Reason


@dataclass(frozen=True, slots=True)
class Send:
    """Everything permits it now, and will until `valid_until` (not inside) if no fact changes."""

    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Defer:
    """`until` is the least later instant that satisfies every rule together."""

    until: datetime
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Suppress:
    """It may not be sent: closed for good, or waiting for a fact to change."""

    reasons: tuple[Reason, ...]

    @property
    def closes(self) -> bool:
        """True when one of the reasons closes the touch; otherwise it waits for a fact."""
        return any(each in CLOSING for each in self.reasons)


Decision: TypeAlias = Send | Defer | Suppress
