"""Where a person's days begin and end: the calendar and the clock that a plan is made by. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct

from outreach.model.person import Evidence
from outreach.model.snapshot import Snapshot
from outreach.policy.evidence import locate
from outreach.policy.zones import zone


class Whereabouts(Struct, frozen=True, kw_only=True):
    """The zones of a person's address, and all they may plausibly be in. Empty: nobody knows."""

    home: tuple[ZoneInfo, ...] = ()
    plausible: tuple[ZoneInfo, ...] = ()

    def day_of(self, instant: datetime) -> date | None:
        """Return the day on which it was for the person, or None where it may have been two."""
        days = {instant.astimezone(place).date() for place in self.plausible}
        return days.pop() if len(days) == 1 else None

    def calendar_day(self, instant: datetime, *, otherwise: ZoneInfo) -> date:
        """Return the day by the calendar at home; of several homes by the first."""
        return instant.astimezone(next(iter(self._homes(otherwise)))).date()

    def at(self, day: date, clock: time, *, otherwise: ZoneInfo) -> datetime:
        """Return when the person's clock shows this on a day; of several clocks the last to show it."""
        return max(_instant(day, clock, place) for place in self._homes(otherwise))

    def end_of(self, day: date, *, otherwise: ZoneInfo) -> datetime:
        """Return when a day is over for the person; of several places where it is over first."""
        places = (*self._homes(otherwise), *self.plausible)
        return min(_instant(day + timedelta(days=1), time(0), place) for place in places)

    def _homes(self, otherwise: ZoneInfo) -> tuple[ZoneInfo, ...]:
        return self.home or self.plausible or (otherwise,)


NOWHERE = Whereabouts()


def whereabouts_of(snapshot: Snapshot | None) -> Whereabouts:
    """Return where the days of a person begin, as far as what is known of them tells."""
    return NOWHERE if snapshot is None else _of_evidence(evidence_of(snapshot))


def evidence_of(snapshot: Snapshot | None) -> Evidence:
    """Return everything that suggests where the person is."""
    if snapshot is None:
        return Evidence()
    return Evidence(
        addresses=snapshot.addresses,
        phones=(*[phone.number for phone in snapshot.phones], *snapshot.other_numbers),
        zones=snapshot.zones,
    )


@lru_cache(maxsize=16_384)
def _of_evidence(evidence: Evidence) -> Whereabouts:
    home = locate(Evidence(addresses=evidence.addresses)) if evidence.addresses else None
    return Whereabouts(
        home=_zones(home.zones) if home is not None else (),
        plausible=_zones(locate(evidence).zones),
    )


def _zones(names: frozenset[str]) -> tuple[ZoneInfo, ...]:
    return tuple(zone(name) for name in sorted(names))


def _instant(day: date, clock: time, place: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, tzinfo=place).astimezone(UTC)
