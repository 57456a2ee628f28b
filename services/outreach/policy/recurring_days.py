"""Days that come every year, as statutes name them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NTH: Final = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "last": -1}
_DAY: Final = timedelta(days=1)

_HALF_A_YEAR: Final = 6
_RANGE: Final = re.compile(r"([^.]+)\.\.([^.]+)\Z")
_FIXED: Final = re.compile(r"(\d\d)-(\d\d)(?: \((\d\d)-(\d\d) if (\w{3})\))?\Z")
_ONCE: Final = re.compile(r"\d{4}-\d\d-\d\d\Z")
_EASTER: Final = re.compile(r"easter(?:([-+])(\d{1,2}))?\Z")
_NTH_WEEKDAY: Final = re.compile(r"(\w{3,4}) (\w{3}) of (\d\d)\Z")
_BEFORE: Final = re.compile(r"(\w{3}) before (\d\d)-(\d\d)\Z")
_FROM: Final = re.compile(r"(\w{3}) from (\d\d)-(\d\d)\Z")


@dataclass(frozen=True, slots=True)
class RecurringDays:
    """A list of days, each spelled in one of these ways.

    `2026-12-24` once · `12-25` every year · `07-01 (07-02 if sun)` moved when it falls on that day ·
    `easter-2` days before Easter Sunday · `3rd mon of 02` · `mon before 05-25` · `mon from 01-06`, the first
    on or after that day. `12-24..12-26` and `2026-12-24..2027-01-02` are every day from the first to the
    last; a range without years may run over New Year.
    """

    spelled: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what cannot be read.

        Raises:
            ValueError: a day is spelled in none of these ways.
        """
        for spelled in self.spelled:
            for _ in _days(spelled, 2028):
                pass

    def in_year(self, year: int) -> frozenset[date]:
        return _in_year(self, year)

    def include(self, day: date) -> bool:
        return day in _in_year(self, day.year)


@lru_cache(maxsize=2048)
def _in_year(days: RecurringDays, year: int) -> frozenset[date]:
    return frozenset(
        day
        for spelled in days.spelled
        for day in _days(spelled, year)
        if day is not None and day.year == year
    )


def _days(spelled: str, year: int) -> Iterator[date | None]:
    """Yield the days of that year that a spelling means, and those of a range that reaches into it.

    Raises:
        ValueError: the spelling is not one of those known, or ends before it begins.
    """
    match = _RANGE.match(spelled)
    if match is None:
        yield _day(spelled, year)
        return
    first, last = (_day(part.strip(), year) for part in match.groups())
    if first is None or last is None:
        raise ValueError(f"{spelled!r} begins or ends on a day that not every year has; write 02-28 or 03-01")
    once = _ONCE.match(match[1].strip()) is not None
    if once is not (_ONCE.match(match[2].strip()) is not None):
        raise ValueError(f"{spelled!r} has a year on one side; write it on both or on none")
    if last < first:
        if once or not _runs_over_new_year(first, last):
            raise ValueError(f"{spelled!r} ends before it begins; swap the two days")
        yield from (date(year, 1, 1) + count * _DAY for count in range((last - date(year, 1, 1)).days + 1))
        last = date(year, 12, 31)
    yield from (first + count * _DAY for count in range((last - first).days + 1))


def _runs_over_new_year(first: date, last: date) -> bool:
    """Say whether a range that is turned around is meant so: from autumn into spring, not within a season."""
    return first.month - last.month > _HALF_A_YEAR


def _day(spelled: str, year: int) -> date | None:
    """Return the day of that year, or None for a day that this year does not have.

    Raises:
        ValueError: the spelling is not one of those known.
    """
    try:
        return _read_day(spelled, year)
    except (KeyError, ValueError) as error:
        raise ValueError(
            f'{spelled!r} is no day; write "2026-12-24", "12-25", "easter-2", '
            '"3rd mon of 02", "mon before 05-25", "mon from 01-06" or "12-24..12-26"'
        ) from error


def _read_day(spelled: str, year: int) -> date | None:
    if _ONCE.match(spelled):
        return date.fromisoformat(spelled)
    if match := _FIXED.match(spelled):
        month, number, other_month, other_number, weekday = match.groups()
        if (month, number) == ("02", "29") and not _is_leap(year):
            return None
        day = date(year, int(month), int(number))
        if weekday is not None and day.weekday() == _WEEKDAYS.index(weekday):
            return date(year, int(other_month), int(other_number))
        return day
    if match := _EASTER.match(spelled):
        shift = int((match[1] or "+") + (match[2] or "0"))
        return easter(year) + shift * _DAY
    if match := _NTH_WEEKDAY.match(spelled):
        return _nth(year, int(match[3]), _WEEKDAYS.index(match[2]), _NTH[match[1]])
    if match := _BEFORE.match(spelled):
        limit = date(year, int(match[2]), int(match[3]))
        return limit - ((limit.weekday() - _WEEKDAYS.index(match[1]) - 1) % 7 + 1) * _DAY
    if match := _FROM.match(spelled):
        earliest = date(year, int(match[2]), int(match[3]))
        return earliest + ((_WEEKDAYS.index(match[1]) - earliest.weekday()) % 7) * _DAY
    raise ValueError(spelled)


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    if count > 0:
        first = date(year, month, 1)
        return first + ((weekday - first.weekday()) % 7 + 7 * (count - 1)) * _DAY
    last = date(year + month // 12, month % 12 + 1, 1) - _DAY
    return last - ((last.weekday() - weekday) % 7) * _DAY


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876).

    2026 is April 5, 2027 March 28, 2038 April 25.
    """
    century = year // 100
    golden = year % 19
    correction = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * ((year % 100) // 4) - correction - (year % 100) % 4) % 7
    shift = (golden + 11 * correction + 22 * weekday) // 451
    month, day = divmod(correction + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)
