"""Local time: what a wall clock in a zone shows, and the instants at which it does.

The rule for clock changes is the same everywhere: a local time that is skipped means the first
instant after the gap; one that occurs twice means two instants, and the caller says which.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.metadata import version
from typing import Final
from zoneinfo import ZoneInfo

from outreach.policy.spans import BEGINNING, FOREVER, Span

#: The release of the time zone database that decisions rest on.
TZDATA_VERSION: Final = version("tzdata")

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
#: Stands in for the zones of somebody whose zones are unknown: nowhere is it later.
_LATEST_ON_EARTH = frozenset({"Etc/GMT+12"})
_FAR_PAST, _FAR_FUTURE = 1900, 8999


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """Return the zone of that IANA name.

    Raises:
        ZoneInfoNotFoundError: no such zone in the pinned data.
    """
    return ZoneInfo(name)


def instants_of(zone_name: str, day: date, second: int) -> tuple[datetime, datetime]:
    """Return the first and the last instant at which a clock there shows that time of that day.

    `second` counts from midnight; 86,400 is midnight at the end of the day. Both instants are
    the same save when clocks go back over that time.
    """
    there = zone(zone_name)
    local = datetime.combine(day, time(), tzinfo=there) + timedelta(seconds=second)
    before, behind = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    if behind < before:
        skipped = _end_of_gap(there, behind, before)
        return skipped, skipped
    return before, behind


def _end_of_gap(there: ZoneInfo, before: datetime, behind: datetime) -> datetime:
    """Return the first instant after clocks went forward, somewhere after `before` and up to `behind`."""
    offset = behind.astimezone(there).utcoffset()
    while behind - before > _SECOND:
        middle = before + ((behind - before) // 2 // _SECOND) * _SECOND
        if middle.astimezone(there).utcoffset() == offset:
            behind = middle
        else:
            before = middle
    return behind


@lru_cache(maxsize=16_384)
def day_begins(day: date, zones: frozenset[str]) -> datetime:
    """Return local midnight at the start of `day`, in the latest of the zones.

    This is what a bare date means everywhere in the policy.
    """
    if day.year > _FAR_FUTURE:
        return FOREVER
    if day.year < _FAR_PAST:
        return BEGINNING
    return max(instants_of(name, day, 0)[1] for name in zones or _LATEST_ON_EARTH)


def instant_of(moment: datetime | date, zones: frozenset[str]) -> datetime:
    """Return the instant that a fact names: itself, or the start of a date."""
    if isinstance(moment, datetime):
        return min(max(moment, BEGINNING), FOREVER)
    return day_begins(moment, zones)


def in_force(begins: date | None, last: date | None, zones: frozenset[str]) -> Span:
    """Return from when until when a rule is in force: `begins` and `last` are its first and last day."""
    return Span(
        BEGINNING if begins is None else day_begins(begins, zones),
        FOREVER if last is None else day_begins(last + _DAY, zones),
    )


def month_of(instant: datetime, zone_name: str) -> Span:
    """Return the calendar month that the wall clock in a zone shows at that instant."""
    local = instant.astimezone(zone(zone_name))
    return _month(local.year, local.month, zone_name)


@lru_cache(maxsize=4096)
def _month(year: int, month: int, zone_name: str) -> Span:
    following = date(year + month // 12, month % 12 + 1, 1)
    return Span(instants_of(zone_name, date(year, month, 1), 0)[0], instants_of(zone_name, following, 0)[0])


def local_times(instant: datetime, zones: Iterable[str]) -> dict[str, datetime]:
    """Return what the clocks in each zone show at that instant, for a reader."""
    return {name: instant.astimezone(zone(name)) for name in sorted(zones)}
