"""Instants and dates as files write them."""

from datetime import UTC, date, datetime
from typing import Final

_EARLIEST: Final = 1900
_LATEST: Final = 9000


def parse_instant(text: str) -> datetime:
    """Read `2026-06-10T12:00:00-04:00` as an instant in UTC.

    Raises:
        ValueError: not ISO 8601, without offset, or in no year that anybody means.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'{text!r} is not an instant; write "2026-06-10T12:00:00-04:00"') from None
    if instant.tzinfo is None:
        raise ValueError(f'{text!r} has no offset; write "2026-06-10T12:00:00-04:00" or end it with Z')
    if not _EARLIEST <= instant.year < _LATEST:
        raise ValueError(f"{text!r} is in a year that nobody means")
    return instant.astimezone(UTC)


def parse_moment(text: str) -> datetime | date:
    """Read an instant, or a bare date, which means local midnight at its start.

    Raises:
        ValueError: neither.
    """
    if len(text) != len("2026-06-15"):
        return parse_instant(text)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'{text!r} is neither an instant nor a date; write "2026-06-15"') from None


def render_instant(instant: datetime) -> str:
    """Write an instant in UTC, as `parse_instant` reads it."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
