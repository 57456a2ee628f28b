"""When humans are at work: what people who wait for one may count on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
#: A year and a day: an office that is closed for longer answers nobody.
_LONGEST_SEARCH = 367


class DaysOff(Protocol):
    """Days on which nobody is at work."""

    def include(self, day: date) -> bool:
        """Return whether a day is one of them."""
        ...


@dataclass(frozen=True, slots=True)
class _NoDaysOff:
    def include(self, day: date) -> bool:
        return False


_NO_DAYS_OFF = _NoDaysOff()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeHours:
    """The office's hours, by the clock in its own zone: open at `begins`, closed at `ends`, on `days`.

    Monday is 0. An office that never opens within a year is taken to be open always, for a deadline
    that never comes would let people wait for ever.
    """

    zone: ZoneInfo = ZoneInfo("UTC")
    days: frozenset[int] = frozenset(range(5))
    begins: time = time(9)
    ends: time = time(17)
    days_off: DaysOff = _NO_DAYS_OFF

    def is_open(self, instant: datetime) -> bool:
        """Return whether somebody is at work."""
        return any(opens <= instant < closes for opens, closes in self._spans(instant))

    def opens_at(self, instant: datetime) -> datetime:
        """Return the first instant from this one on at which somebody is at work."""
        return next((max(instant, opens) for opens, _ in self._spans(instant)), instant)

    def after(self, instant: datetime, work: timedelta) -> datetime:
        """Return when so much time at work has passed since an instant."""
        for opens, closes in self._spans(instant):
            begins = max(opens, instant)
            if closes - begins >= work:
                return begins + work
            work -= closes - begins
        return instant + work

    def end_of_day(self, instant: datetime, *, days_later: int = 0) -> datetime:
        """Return when the office closes on the day on which it is next open, or so many such days later."""
        closing = [closes for _, closes in zip(range(days_later + 1), self._closings(instant), strict=False)]
        return closing[-1] if len(closing) > days_later else instant + (days_later + 1) * _DAY

    def _closings(self, instant: datetime) -> Iterator[datetime]:
        return (closes for _, closes in self._spans(instant))

    def _spans(self, instant: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the spans of work that are not over at an instant, in order."""
        today = instant.astimezone(self.zone).date()
        for ahead in range(_LONGEST_SEARCH):
            day = today + ahead * _DAY
            if day.weekday() in self.days and not self.days_off.include(day):
                opens, closes = self._at(day, self.begins), self._at(day, self.ends)
                if opens < closes and closes > instant:
                    yield opens, closes

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=self.zone).astimezone(UTC)


#: Where an agency names none: nine to five, Monday to Friday.
USUAL_HOURS = OfficeHours()
