"""The policy's answer."""

from datetime import datetime
from typing import TypeAlias

from msgspec import Struct

from outreach.model.words import CLOSING, Reason


class Send(Struct, frozen=True):
    """Everything permits it now, and will until `valid_until` (not inside) if no fact changes."""

    valid_until: datetime


class Defer(Struct, frozen=True):
    """`until` is the least later instant that satisfies every rule together."""

    until: datetime
    reasons: tuple[Reason, ...]


class Suppress(Struct, frozen=True):
    """It may not be sent: closed for good, or waiting for a fact to change."""

    reasons: tuple[Reason, ...]

    @property
    def closes(self) -> bool:
        """True when one of the reasons closes the touch; otherwise it waits for a fact."""
        return any(reason in CLOSING for reason in self.reasons)


Decision: TypeAlias = Send | Defer | Suppress


def decision_words(decision: Decision) -> str:
    """Write a decision in a few words, for a terminal."""
    match decision:
        case Send(valid_until=until):
            return f"send, permitted until {until:%Y-%m-%d %H:%M:%S}Z"
        case Defer(until=until, reasons=reasons):
            return f"defer until {until:%Y-%m-%d %H:%M:%S}Z ({', '.join(reasons)})"
        case Suppress(reasons=reasons) as suppress:
            end = "for good" if suppress.closes else "until a fact changes"
            return f"suppress {end} ({', '.join(reasons)})"
