"""All windows together: contact windows, the person's own times and blackout days, as one calendar."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from outreach.model.person import Wishes
from outreach.model.words import Reason
from outreach.policy.rules.blackout_dates import BlackoutDates
from outreach.policy.rules.contact_window import ContactWindow
from outreach.policy.spans import Span, complement, union
from outreach.policy.timetable import Timetable, closed_days, week_number, week_span, wished
from outreach.policy.zones import in_force

#: How long after everything else permits a common hour is looked for.
SEARCH: Final = timedelta(days=60)
#: Weeks remembered for one set of rules, zones and wishes; a search looks at ten.
_REMEMBERED: Final = 16


class Hours:
    """When everything that depends on the clock on the wall permits.

    A window must be open in every zone the person may be in, for every rule in force, unless the
    rule fixes its zone. The person's convenient windows replace those that say they may be
    replaced, and narrow the others; their inconvenient ones always close.
    """

    def __init__(
        self,
        windows: tuple[ContactWindow, ...],
        blackouts: tuple[BlackoutDates, ...],
        *,
        zones: frozenset[str],
        wishes: Wishes,
    ) -> None:
        self._windows = windows
        self._blackouts = blackouts
        self._zones = zones
        self._convenient = wished(wishes.convenient, forbidding=False) if wishes.convenient else None
        self._inconvenient = wished(wishes.inconvenient, forbidding=True) if wishes.inconvenient else None
        self._open: dict[int, tuple[Span, ...]] = {}

    def permits(self, instant: datetime) -> bool:
        # A plain loop: this is asked of every message.
        for begins, ends in self._open_in(week_number(instant)):  # noqa: SIM110
            if begins <= instant < ends:
                return True
        return False

    def opens_at(self, instant: datetime, *, by: datetime) -> datetime | None:
        """Return the first permitted instant from `instant` up to `by`, or None."""
        for week in range(week_number(instant), week_number(by) + 1):
            for begins, ends in self._open_in(week):
                if ends > instant:
                    opens = max(begins, instant)
                    return opens if opens <= by else None
        return None

    def closes_at(self, instant: datetime, *, by: datetime) -> datetime:
        """Return the end of the permitted stretch that `instant` is in, or `by` if that is earlier."""
        closes = instant
        for week in range(week_number(instant), week_number(by) + 1):
            for begins, ends in self._open_in(week):
                if begins <= closes < ends:
                    closes = ends
            if closes != week_span(week).ends:
                break
        return min(closes, by)

    def reasons(self, instant: datetime) -> set[Reason]:
        """Return every reason why the clock on the wall forbids this instant."""
        reasons = set()
        if any(self.window_forbids(window, instant) for window in self._windows):
            reasons.add(Reason.OUTSIDE_CONTACT_WINDOW)
        if any(self.blackout_forbids(blackout, instant) for blackout in self._blackouts):
            reasons.add(Reason.BLACKOUT_DAY)
        if self.wishes_forbid(instant):
            reasons.add(Reason.INCONVENIENT_TIME)
        return reasons

    def window_forbids(self, rule: ContactWindow, instant: datetime) -> bool:
        if rule.terms.dated and not self._standing(rule).covers(instant):
            return False
        timetable, zones = self._asked(rule)
        return any(timetable.forbids(instant, zone) for zone in zones)

    def blackout_forbids(self, rule: BlackoutDates, instant: datetime) -> bool:
        week = week_number(instant)
        return any(span.covers(instant) for span in self._closed_by_blackout(rule, week))

    def wishes_forbid(self, instant: datetime) -> bool:
        """True at a time the person told us is inconvenient.

        Times outside the convenient ones count here only where they narrow a window; where they
        replace every window in force, the window itself says so.
        """
        if self._inconvenient is not None and any(
            self._inconvenient.forbids(instant, zone) for zone in self._zones
        ):
            return True
        if self._convenient is None or not self._narrows(instant):
            return False
        return any(self._convenient.forbids(instant, zone) for zone in self._zones)

    def _narrows(self, instant: datetime) -> bool:
        standing = [
            window
            for window in self._windows
            if not window.terms.dated or self._standing(window).covers(instant)
        ]
        return not standing or any(not window.replaceable for window in standing)

    def _standing(self, rule: ContactWindow | BlackoutDates) -> Span:
        return in_force(rule.terms.effective_from, rule.terms.effective_until, self._zones)

    def _asked(self, rule: ContactWindow) -> tuple[Timetable, Iterable[str]]:
        """Return the timetable that stands for a rule, and the zones whose clocks it is read on."""
        if rule.replaceable and self._convenient is not None:
            return self._convenient, self._zones
        return rule.timetable, self._zones if rule.zone is None else (rule.zone,)

    def _open_in(self, week: int) -> tuple[Span, ...]:
        spans = self._open.get(week)
        if spans is None:
            if len(self._open) >= _REMEMBERED:
                self._open.clear()
            spans = self._open[week] = complement(union(self._closed_in(week)), week_span(week))
        return spans

    def _closed_in(self, week: int) -> Iterator[Span]:
        for rule in self._windows:
            timetable, zones = self._asked(rule)
            standing = self._standing(rule)
            for zone in zones:
                yield from (span.clip(standing) for span in timetable.closed(zone, week))
        for blackout in self._blackouts:
            yield from self._closed_by_blackout(blackout, week)
        for wish in (self._convenient, self._inconvenient):
            if wish is not None:
                for zone in self._zones:
                    yield from wish.closed(zone, week)

    def _closed_by_blackout(self, rule: BlackoutDates, week: int) -> Iterator[Span]:
        standing = self._standing(rule)
        for zone in self._zones if rule.zone is None else (rule.zone,):
            yield from (closed_day.clip(standing) for closed_day in closed_days(rule.days, zone, week))
