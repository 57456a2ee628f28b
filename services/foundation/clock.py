"""Time enters the services here and nowhere else."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant."""

    def now(self) -> datetime:
        """Return the present instant, always in UTC and timezone-aware."""
        ...


class SystemClock:
    """The machine's clock; only a service's wiring builds one."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the one reading of the machine's clock


class ManualClock:
    """A clock that moves only when told: for tests, demonstrations, and explaining the past."""

    def __init__(self, start: datetime) -> None:
        self._now = as_utc(start)

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by

    def move_to(self, instant: datetime) -> None:
        self._now = as_utc(instant)


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant such as `2026-03-02T22:30Z`.

    Raises:
        ValueError: not ISO 8601, no timezone given, or out of reach.
    """
    return as_utc(datetime.fromisoformat(text))


def as_utc(instant: datetime) -> datetime:
    """Return the same instant in UTC.

    Raises:
        ValueError: the datetime is naive, so it names no instant, or UTC has no year for it.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no timezone")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{instant!r} is out of reach") from None


def is_bare_date(text: str) -> bool:
    """Return whether a text that says when names a day, as `2026-03-02` does, and no instant."""
    return len(text) == len("2026-03-02")


def render_instant(instant: datetime) -> str:
    """Write an instant in UTC as `parse_instant` reads it, ending in `Z`."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
