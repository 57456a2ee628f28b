"""Wall clocks, read the slow way: minute by minute, three hours back and three hours on.

No clock change is longer than that, so the readings around an instant say all that weekly windows
and whole days need to know, twice-occurring and skipped times among it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

_MINUTE = timedelta(minutes=1)
_AROUND = 180
_DAY = timedelta(days=1)


class Weekly(Protocol):
    """A span of local time on some days: the policy's windows and the person's alike."""

    @property
    def days(self) -> frozenset[int]: ...
    @property
    def begins(self) -> int: ...
    @property
    def ends(self) -> int: ...


@dataclass(frozen=True, slots=True)
class WallClock:
    """What a clock in one zone shows, the latest it has shown so far, and the earliest it still will.

    The readings to come are of whole minutes. Local times carry no zone.
    """

    shows: datetime
    latest_so_far: datetime
    earliest_to_come: datetime

    def is_inside(self, window: Weekly) -> bool:
        """True while the window permits: from its last opening to its first closing."""
        return any(
            opens <= self.shows and opens < self.earliest_to_come and self.latest_so_far < closes
            for opens, closes in self._spans(window)
        )

    def may_be_inside(self, window: Weekly) -> bool:
        """True while a forbidding window forbids: it opens at the first and closes at the last."""
        return any(
            opens <= self.latest_so_far and (self.shows < closes or self.earliest_to_come <= closes)
            for opens, closes in self._spans(window)
        )

    def may_be_on(self, day: date) -> bool:
        """True from the first midnight at the start of the day to the last one at its end."""
        begins = datetime.combine(day, time())
        return begins <= self.latest_so_far and (
            self.shows < begins + _DAY or self.earliest_to_come <= begins + _DAY
        )

    @property
    def days_around(self) -> Iterable[date]:
        """The local date, and those before and after it."""
        return (self.shows.date() + timedelta(days=days) for days in (-1, 0, 1))

    def _spans(self, window: Weekly) -> Iterable[tuple[datetime, datetime]]:
        for day in self.days_around:
            if day.weekday() in window.days:
                midnight = datetime.combine(day, time())
                opens = midnight + timedelta(seconds=window.begins)
                closes = midnight + timedelta(seconds=window.ends)
                yield opens, closes if window.begins < window.ends else closes + _DAY


@lru_cache(maxsize=65_536)
def read_clock(instant: datetime, zone_name: str) -> WallClock:
    """Read the clock at an instant and in the minutes around it."""
    zone = ZoneInfo(zone_name)
    shows = instant.astimezone(zone).replace(tzinfo=None)
    whole = instant.replace(second=0, microsecond=0)
    before = (whole - minutes * _MINUTE for minutes in range(_AROUND))
    to_come = (whole + minutes * _MINUTE for minutes in range(1, _AROUND + 1))
    return WallClock(
        shows=shows,
        latest_so_far=max(shows, *(instant.astimezone(zone).replace(tzinfo=None) for instant in before)),
        earliest_to_come=min(instant.astimezone(zone).replace(tzinfo=None) for instant in to_come),
    )


def has_begun(edge: str | datetime | date, instant: datetime, zones: frozenset[str]) -> bool:
    """True at and after an edge; a date begins once it has begun, for good, in every zone.

    Nobody's zones being known, it has begun when it has everywhere on earth.
    """
    if isinstance(edge, str):
        edge = date.fromisoformat(edge) if len(edge) == len("2026-03-02") else datetime.fromisoformat(edge)
    if isinstance(edge, datetime):
        return instant >= edge
    midnight = datetime.combine(edge, time())
    clocks = [read_clock(instant, zone) for zone in zones or frozenset({"Etc/GMT+12"})]
    return all(clock.shows >= midnight and clock.earliest_to_come > midnight for clock in clocks)
