"""Stretches of time: `begins` is inside, `ends` is not, instants are aware and in UTC."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

#: No beginning or end is known. Never converted to local time.
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
FOREVER = datetime(9000, 1, 1, tzinfo=UTC)

#: What separates an instant from the next one that can be told apart.
MOMENT = timedelta(microseconds=1)


class Span(NamedTuple):
    """A half-open stretch of time; it is empty unless it begins before it ends."""

    begins: datetime
    ends: datetime

    def covers(self, instant: datetime) -> bool:
        return self.begins <= instant < self.ends

    def clip(self, within: "Span") -> "Span":
        """Return the part inside `within`, which may be empty."""
        return Span(max(self.begins, within.begins), min(self.ends, within.ends))


ALWAYS = Span(BEGINNING, FOREVER)


def after(instant: datetime) -> datetime:
    """Return the first instant later than this one: what is allowed up to and including an age ends there."""
    return instant + MOMENT


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the instants of any of the spans, sorted, joined, none empty."""
    joined: list[Span] = []
    for span in sorted(spans):
        if span.begins >= span.ends:
            continue
        if joined and span.begins <= joined[-1].ends:
            joined[-1] = Span(joined[-1].begins, max(joined[-1].ends, span.ends))
        else:
            joined.append(span)
    return tuple(joined)


def complement(spans: Sequence[Span], within: Span) -> tuple[Span, ...]:
    """Return the instants of `within` that none of the spans covers; the spans come from `union`."""
    left: list[Span] = []
    begins = within.begins
    for span in spans:
        if span.begins >= within.ends:
            break
        if span.begins > begins:
            left.append(Span(begins, span.begins))
        begins = max(begins, span.ends)
    if begins < within.ends:
        left.append(Span(begins, within.ends))
    return tuple(left)
