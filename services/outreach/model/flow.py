"""How many messages an hour may begin for a creditor, or of a play, whoever gets them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

HOUR: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowCaps:
    """The most messages that may begin within any hour, by creditor and by play."""

    creditors: Mapping[str, int] = field(default_factory=dict)
    plays: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.creditors or self.plays)

    def over(self, *, creditor: str, play: str) -> Mapping[str, int]:
        """Return the caps that a message falls under, by the name that it is counted by."""
        caps = {}
        if (most := self.creditors.get(creditor)) is not None:
            caps[f"creditor {creditor}"] = most
        if (most := self.plays.get(play)) is not None:
            caps[f"play {play}"] = most
        return caps


NO_CAPS: Final = FlowCaps()


@dataclass(frozen=True, slots=True)
class Begun:
    """So many messages were begun in this minute, UTC."""

    minute: datetime
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FullHour:
    """A cap without room: its name, how many messages an hour it lets begin, and when there is room again."""

    name: str
    most: int
    until: datetime


def full_hour(name: str, most: int, begun: Sequence[Begun], *, added: int, now: datetime) -> FullHour | None:
    """Return the cap where as many began as may within an hour, `added` in this very moment; else None.

    `begun` has the oldest minute first. Room comes when what began in it is an hour past, to its last second.
    """
    if sum(one.messages for one in begun) + added < most:
        return None
    oldest = begun[0].minute if begun else now
    return FullHour(name=name, most=most, until=oldest + _MINUTE + HOUR)
