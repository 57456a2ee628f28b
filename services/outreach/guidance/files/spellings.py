"""Small spellings used in files: times, days, durations, recurring dates."""

import re
from datetime import date, timedelta
from typing import Final

from outreach.model.window import Weekday, WeeklyWindow

_TIME: Final = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])(?::([0-5][0-9]))?\Z")
_DURATION: Final = re.compile(r"([1-9][0-9]{0,5}) ?(d|h|min)\Z")
_UNITS: Final = {"d": timedelta(days=1), "h": timedelta(hours=1), "min": timedelta(minutes=1)}
_DAYS: Final = list(Weekday)
_WHOLE_DAY: Final = 86_400


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
    if not 0 <= seconds <= _WHOLE_DAY:
        raise ValueError(f'{text!r} is not a time of day; write "08:00", or "24:00" for midnight at the end')
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
            raise ValueError(f'{text!r} names no weekdays; write "mon-fri" or "sat, sun"') from None
        days |= {(begins + count) % 7 for count in range((ends - begins) % 7 + 1)}
    return frozenset(days)


def render_days(days: frozenset[int]) -> str:
    """Write weekdays as `parse_days` reads them."""
    return ", ".join(_DAYS[each] for each in sorted(days))


def parse_window(days: str, begins: str, ends: str) -> WeeklyWindow:
    """Read a weekly window.

    Raises:
        ValueError: a part is not understood, it begins at the end of the day, or its ends are equal.
    """
    window = WeeklyWindow(parse_days(days), parse_time(begins), parse_time(ends))
    if window.begins == _WHOLE_DAY:
        raise ValueError('a window cannot open at "24:00"; write "00:00" on the next day')
    if window.begins == window.ends:
        raise ValueError(
            'a window with equal ends is empty or whole; write from "00:00" to "24:00" for whole days'
        )
    return window


def parse_duration(text: str) -> timedelta:
    """Read `7d`, `48h` or `90min`.

    Raises:
        ValueError: not such a duration.
    """
    match = _DURATION.match(text)
    if match is None:
        raise ValueError(f'{text!r} is not a duration; write "7d", "48h" or "90min"')
    return int(match[1]) * _UNITS[match[2]]


def parse_date(text: str) -> date:
    """Read `2026-06-15`.

    Raises:
        ValueError: not such a date.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'{text!r} is not a date; write "2026-06-15"') from None
