"""How days, times, ways and languages are written on a page, in its language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from babel.lists import format_list

from foundation.pages.words import Words
from preferences.pages.week import MIDNIGHT, WEEKDAYS, minutes
from schemas.people import LocalTime
from schemas.vocabulary import Channel, Weekday


@dataclass(frozen=True, slots=True)
class Spelling:
    """The words of a page's language, and how they spell what a page shows."""

    words: Words

    def say(self, place: str, **facts: str) -> str:
        return self.words.say(place, **facts)

    def clock(self, at: LocalTime | int) -> str:
        """Return a local time, or minutes since midnight, as it is written; midnight has one spelling."""
        minute = (minutes(at) if isinstance(at, str) else at) % MIDNIGHT
        return self.words.clock(time(minute // 60, minute % 60))

    def days(self, days: Sequence[Weekday]) -> str:
        """Return the names of these days, in the order of the week."""
        return self._listed(
            [self.words.weekday(WEEKDAYS.index(day)) for day in sorted(days, key=WEEKDAYS.index)]
        )

    def channels(self, channels: Sequence[Channel]) -> str:
        return self._listed([self.say(f"channel.{channel}") for channel in channels])

    def _listed(self, parts: Sequence[str]) -> str:
        return format_list(list(parts), locale=self.words.locale)
