"""Weekly windows, laid out on real weeks in real zones.

Clock changes follow policy-cases: a window opens at the second of two equal local times and
closes at the first, so that nothing is permitted that either reading forbids. A window that
forbids takes the opposite side.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from outreach.model.window import WeeklyWindow
from outreach.policy.recurring_days import RecurringDays
from outreach.policy.spans import Span, complement, union
from outreach.policy.zones import instants_of, zone

_EPOCH: Final = datetime(1970, 1, 5, tzinfo=UTC)
_WEEK: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)


def week_number(instant: datetime) -> int:
    """Return which week an instant is in; weeks are counted in UTC and only cut time into pieces."""
    return (instant - _EPOCH) // _WEEK


def week_span(number: int) -> Span:
    begins = _EPOCH + number * _WEEK
    return Span(begins, begins + _WEEK)


class Timetable:
    """When a set of weekly windows is open, in one zone at a time.

    With `forbidding` the windows say when not: clock changes then widen them instead of
    narrowing them. Compared by identity, so that what is laid out can be remembered.
    """

    __slots__ = ("forbidding", "windows")

    def __init__(self, windows: tuple[WeeklyWindow, ...], *, forbidding: bool = False) -> None:
        self.windows = windows
        self.forbidding = forbidding

    def covered(self, zone_name: str, week: int) -> tuple[Span, ...]:
        """Return what the windows cover of that week."""
        return _covered(self, zone_name, week)

    def closed(self, zone_name: str, week: int) -> tuple[Span, ...]:
        """Return when nobody there may be contacted in that week."""
        covered = _covered(self, zone_name, week)
        return covered if self.forbidding else complement(covered, week_span(week))

    def forbids(self, instant: datetime, zone_name: str) -> bool:
        for begins, ends in _covered(self, zone_name, week_number(instant)):
            if begins <= instant < ends:
                return self.forbidding
        return not self.forbidding


@lru_cache(maxsize=16_384)
def _covered(timetable: Timetable, zone_name: str, week: int) -> tuple[Span, ...]:
    whole = week_span(week)
    first = whole.begins.astimezone(zone(zone_name)).date() - _DAY - _DAY
    opened = [
        _open_on(window, day, zone_name, forbidding=timetable.forbidding)
        for window in timetable.windows
        for day in (first + count * _DAY for count in range(12))
        if day.weekday() in window.days
    ]
    return union(span.clip(whole) for span in opened)


def _open_on(window: WeeklyWindow, day: date, zone_name: str, *, forbidding: bool) -> Span:
    opens = instants_of(zone_name, day, window.begins)
    closing_day = day + _DAY if window.ends < window.begins else day
    closes = instants_of(zone_name, closing_day, window.ends)
    return Span(opens[0], closes[1]) if forbidding else Span(opens[1], closes[0])


@lru_cache(maxsize=8192)
def wished(windows: tuple[WeeklyWindow, ...], *, forbidding: bool) -> Timetable:
    """Return the timetable of a person's own windows; the same one for the same wish."""
    return Timetable(windows, forbidding=forbidding)


def closed_days(days: RecurringDays, zone_name: str, week: int) -> tuple[Span, ...]:
    """Return what whole local days cover of that week: from their first midnight to the last after them."""
    whole = week_span(week)
    first = whole.begins.astimezone(zone(zone_name)).date() - _DAY
    covered = (
        Span(instants_of(zone_name, day, 0)[0], instants_of(zone_name, day + _DAY, 0)[1])
        for day in (first + count * _DAY for count in range(10))
        if days.include(day)
    )
    return union(span.clip(whole) for span in covered)
