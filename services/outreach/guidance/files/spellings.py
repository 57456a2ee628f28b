"""Reads the small spellings of files: times, weekdays, durations, zones, numbers, dates and instants."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from foundation.clock import is_bare_date
from outreach.model.window import Weekday, WeeklyWindow
from outreach.policy.zones import zone

_TIME: Final = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])(?::([0-5][0-9]))?\Z")
_DURATION: Final = re.compile(r"([1-9][0-9]{0,5}) ?(d|h|min)\Z")
_NOTHING: Final = re.compile(r"[-+]?0 ?(d|h|min)\Z")
_NUMBER: Final = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?\Z", re.ASCII)
_UNITS: Final = {"d": timedelta(days=1), "h": timedelta(hours=1), "min": timedelta(minutes=1)}
_DAYS: Final = list(Weekday)
#: Seconds: midnight at its end.
WHOLE_DAY: Final = 86_400
_EARLIEST: Final = 1900
_LATEST: Final = 9000
_AN_INSTANT: Final = 'write "2026-06-10T12:00:00-04:00"'


class Misspelling(ValueError):
    """A text that cannot be read; `fix` shows one that can."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(f"{message}; {fix}")
        self.message = message
        self.fix = fix


def parse_time(text: str) -> int:
    """Read `08:00`, `21:30:15` or `24:00` as seconds since midnight.

    Raises:
        ValueError: not such a time.
    """
    match = _TIME.match(text)
    seconds = (
        sum(int(part or 0) * unit for part, unit in zip(match.groups(), (3600, 60, 1), strict=True))
        if match
        else -1
    )
    if not 0 <= seconds <= WHOLE_DAY:
        raise Misspelling(
            f"{text!r} is not a time of day", 'write "08:00", or "24:00" for midnight at the end'
        )
    return seconds


def render_time(seconds: int) -> str:
    """Write seconds since midnight as `parse_time` reads them."""
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours:02}:{minutes:02}" + (f":{seconds:02}" if seconds else "")


def parse_days(text: str) -> frozenset[int]:
    """Read `mon`, `mon-fri`, `sat, sun` or `mon-wed, fri` as weekdays, Monday 0.

    Raises:
        ValueError: not such days.
    """
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().lower().partition("-")
        try:
            begins, ends = _DAYS.index(Weekday(first)), _DAYS.index(Weekday(last or first))
        except ValueError:
            raise Misspelling(f"{text!r} names no weekdays", 'write "mon-fri" or "sat, sun"') from None
        days |= {(begins + count) % 7 for count in range((ends - begins) % 7 + 1)}
    return frozenset(days)


def parse_window(days: str, begins: str, ends: str) -> WeeklyWindow:
    """Read a weekly window.

    Raises:
        ValueError: a part is not understood, it begins at the end of the day, or its ends are equal.
    """
    return weekly_window(parse_days(days), parse_time(begins), parse_time(ends))


def weekly_window(days: frozenset[int], begins: int, ends: int) -> WeeklyWindow:
    """Return a window of seconds since midnight.

    Raises:
        ValueError: it begins at the end of the day, or its ends are equal.
    """
    if begins == WHOLE_DAY:
        raise Misspelling('a window cannot open at "24:00"', 'write "00:00" on the next day')
    if begins == ends:
        raise Misspelling(
            "a window with equal ends is empty or whole", 'write from "00:00" to "24:00" for whole days'
        )
    return WeeklyWindow(days, begins, ends)


def parse_duration(text: str) -> timedelta:
    """Read `7d`, `48h` or `90min`.

    Raises:
        ValueError: not such a duration.
    """
    match = _DURATION.match(text)
    if match is None:
        raise Misspelling(f"{text!r} is not a duration", 'write "7d", "48h" or "90min"')
    return int(match[1]) * _UNITS[match[2]]


def parse_signed_duration(text: str) -> timedelta:
    """Read a duration, `-3d` for one before, or `0d` for at once and on the day itself.

    Raises:
        ValueError: not such a duration.
    """
    if _NOTHING.match(text):
        return timedelta(0)
    try:
        return -parse_duration(text[1:]) if text.startswith("-") else parse_duration(text)
    except Misspelling as error:
        raise Misspelling(
            f"{text!r} is not a duration", f'{error.fix}, "-3d" for before, "0d" for the day itself'
        ) from None


def render_duration(span: timedelta) -> str:
    """Write a duration as `parse_duration` reads it, in the largest unit that is whole; seconds are cut."""
    minutes = span // timedelta(minutes=1)
    if minutes and minutes % (24 * 60) == 0:
        return f"{minutes // (24 * 60)}d"
    return f"{minutes // 60}h" if minutes and minutes % 60 == 0 else f"{minutes}min"


def parse_span(text: str) -> timedelta | None:
    """Read a duration, or `calendar_month` as None: its length varies.

    Raises:
        ValueError: neither.
    """
    if text == "calendar_month":
        return None
    try:
        return parse_duration(text)
    except Misspelling as error:
        raise Misspelling(error.message, 'write "7d", "24h" or calendar_month') from None


def parse_number(text: str) -> Decimal:
    """Read `140.00` or `1.5`.

    Raises:
        ValueError: not such a number, or of more digits than money needs.
    """
    if _NUMBER.match(text) is None:
        raise Misspelling(f"{text!r} is no number", 'write one such as "140.00"')
    return Decimal(text)


def parse_zone(text: str) -> ZoneInfo:
    """Read the name of a time zone.

    Raises:
        ValueError: no zone has this name.
    """
    try:
        return zone(text)
    except (KeyError, ValueError, OSError):
        raise Misspelling(f"{text!r} is no time zone", _zone_like(text)) from None


def _zone_like(text: str) -> str:
    """Guess which zone was meant: a city is often named alone, and spelled with a space."""
    by_city = {name.rpartition("/")[2].casefold(): name for name in sorted(available_timezones())}
    city = text.rpartition("/")[2].casefold().replace(" ", "_")
    near = get_close_matches(city, by_city, n=1, cutoff=0.75)
    return f"did you mean `{by_city[near[0]]}`?" if near else 'write a name such as "America/New_York"'


def parse_zone_name(text: str) -> str:
    """Return the name of a time zone that exists.

    Raises:
        ValueError: no zone has this name.
    """
    parse_zone(text)
    return text


def parse_date(text: str) -> date:
    """Read `2026-06-15`.

    Raises:
        ValueError: not such a date.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Misspelling(f"{text!r} is not a date", 'write "2026-06-15"') from None


def parse_instant(text: str) -> datetime:
    """Read `2026-06-10T12:00:00-04:00` as an instant in UTC.

    Raises:
        ValueError: not ISO 8601, without offset, or in no year that anybody means.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Misspelling(f"{text!r} is not an instant", _AN_INSTANT) from None
    if instant.tzinfo is None:
        raise Misspelling(f"{text!r} has no offset", f"{_AN_INSTANT} or end it with Z")
    if not _EARLIEST <= instant.year < _LATEST:
        raise Misspelling(f"{text!r} is in a year that nobody means", _AN_INSTANT)
    return instant.astimezone(UTC)


def parse_moment(text: str) -> datetime | date:
    """Read an instant, or a bare date, which means local midnight at its start.

    Raises:
        ValueError: neither.
    """
    return parse_date(text) if is_bare_date(text) else parse_instant(text)
