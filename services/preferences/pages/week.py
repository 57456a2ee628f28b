"""The person's week: when they may be written to, on their own clock."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, get_args

from schemas.people import LocalSpan, QuietHours, WeeklyWindow
from schemas.vocabulary import Weekday

WEEKDAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)
MIDNIGHT: Final = 24 * 60


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A part of one day in minutes since its midnight: `begins` is inside, `ends` is not, 1440 at most."""

    begins: int
    ends: int


#: Nobody is written to outside of these hours, whatever they wish. Source: 12 CFR § 1006.6(b)(1)(i).
WAKING: Final = Span(8 * 60, 21 * 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """When the person may be written to, by weekday, in order; all of it `within` the hours of any day.

    `is_chosen`: the person said when. Without that all of `within` is open.
    """

    open: Mapping[Weekday, Sequence[Span]]
    within: Span = WAKING
    is_chosen: bool = False

    @property
    def days(self) -> tuple[Weekday, ...]:
        """The days on which there is any time at all."""
        return tuple(day for day in WEEKDAYS if self.open[day])


def week_of(
    *,
    contact_days: Sequence[Weekday] = (),
    quiet_hours: QuietHours | None = None,
    inconvenient: Sequence[WeeklyWindow] = (),
    within: Span = WAKING,
) -> Week:
    """Return the week that these wishes of a person leave, as their snapshot states them."""
    closed: dict[Weekday, list[Span]] = {day: [] for day in WEEKDAYS}
    for window in inconvenient:
        _close(closed, window, days=window.days)
    if quiet_hours is not None:
        _close(closed, quiet_hours, days=WEEKDAYS)
    for day in WEEKDAYS:
        if contact_days and day not in contact_days:
            closed[day].append(Span(0, MIDNIGHT))
    return Week(
        open={day: tuple(_left_of(within, spans)) for day, spans in closed.items()},
        within=within,
        is_chosen=bool(contact_days or quiet_hours or inconvenient),
    )


def minutes(text: str) -> int:
    """Return a local time such as `08:30` or `24:00` in minutes since midnight."""
    hours, _, rest = text.partition(":")
    return int(hours) * 60 + int(rest)


def _close(closed: Mapping[Weekday, list[Span]], span: LocalSpan, *, days: Iterable[Weekday]) -> None:
    """Close a span on the days it opens on; what goes past midnight on the days after those."""
    begins, ends = minutes(span.begins), minutes(span.ends)
    for day in days:
        if begins < ends:
            closed[day].append(Span(begins, ends))
            continue
        closed[day].append(Span(begins, MIDNIGHT))
        closed[WEEKDAYS[(WEEKDAYS.index(day) + 1) % len(WEEKDAYS)]].append(Span(0, ends))


def _left_of(whole: Span, closed: Iterable[Span]) -> Iterator[Span]:
    begins = whole.begins
    for span in sorted(closed):
        if begins < min(span.begins, whole.ends):
            yield Span(begins, min(span.begins, whole.ends))
        begins = max(begins, span.ends)
    if begins < whole.ends:
        yield Span(begins, whole.ends)
