"""Blackout days, read from their spelling once more: `12-25`, `easter-2`, `3rd mon of 02` and so on."""

from datetime import date, timedelta

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def is_named(day: date, spelled: str) -> bool:
    """True when the spelling means this day.

    Raises:
        ValueError: it is spelled in no way that the audit knows.
    """
    words = spelled.split()
    if spelled.startswith("easter"):
        return day == easter_sunday(day.year) + timedelta(days=int(spelled.removeprefix("easter") or "0"))
    match words:
        case [place, weekday, "of", month]:
            return f"{day:%m}" == month and day.weekday() == _WEEKDAYS.index(weekday) and _is_the(place, day)
        case [weekday, "before", month_day]:
            limit = _of_year(day.year, month_day)
            return day.weekday() == _WEEKDAYS.index(weekday) and day < limit <= day + timedelta(days=7)
        case [month_day, other, "if", weekday]:
            usual = _of_year(day.year, month_day)
            moves = usual.weekday() == _WEEKDAYS.index(weekday.rstrip(")"))
            return day == (_of_year(day.year, other.lstrip("(")) if moves else usual)
        case [text]:
            return day.isoformat() == text or f"{day:%m-%d}" == text
        case _:
            raise ValueError(spelled)


def easter_sunday(year: int) -> date:
    """Return Easter Sunday after Gauss, with his two exceptions: 2026 is April 5, 2049 April 18."""
    century = year // 100
    lunar = (15 - (13 + 8 * century) // 25 + century - century // 4) % 30
    solar = (4 + century - century // 4) % 7
    golden = year % 19
    moon = (19 * golden + lunar) % 30
    weekday = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + solar) % 7
    march = 22 + moon + weekday
    if weekday == 6 and (moon == 29 or (moon == 28 and golden > 10)):  # noqa: PLR2004 - his constants
        march -= 7
    return date(year, 3, 1) + timedelta(days=march - 1)


def _is_the(place: str, day: date) -> bool:
    if place == "last":
        return (day + timedelta(days=7)).month != day.month
    return (day.day - 1) // 7 + 1 == int(place[0])


def _of_year(year: int, month_day: str) -> date:
    return date.fromisoformat(f"{year}-{month_day}")
