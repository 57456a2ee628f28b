"""Countries where it is night now, or a working day: so that hours bite at whatever hour a run is made."""

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import yaml

from outreach.policy import tables

_TERRITORIES = frozenset({"PR", "VI", "GU", "MP", "AS", "UM"})
#: Nobody's hours change while a run lasts.
_LONGEST_RUN = timedelta(hours=1)
_SATURDAY = 5


def _have_packs() -> frozenset[str]:
    """Return the countries and territories where more binds than the house's hours."""
    named: set[str] = set(_TERRITORIES)
    for pack in (files("outreach.policy") / "packs").iterdir():
        if pack.name.endswith(".yaml"):
            # "US-CA" is of the US; what holds everywhere names no place.
            places = yaml.safe_load(pack.read_text(encoding="utf-8"))["jurisdictions"]
            named |= {place.partition("-")[0] for place in places if isinstance(places, list)}
    return frozenset(named)


_HAVE_PACKS = _have_packs()


def at_night(now: datetime) -> list[str]:
    """Return the countries all of whose clocks show an hour between nine and six, for the whole run."""
    return _where(now, _is_night)


def by_day(now: datetime) -> list[str]:
    """Return the countries where it is the middle of a day on which the house writes; on Sundays none."""
    return _where(now, _is_day)


def _where(now: datetime, holds: Callable[[datetime], bool]) -> list[str]:
    instants = (now, now + _LONGEST_RUN)
    return sorted(
        country
        for country, zones in tables.countries().items()
        if country not in _HAVE_PACKS
        and zones
        and all(holds(each.astimezone(ZoneInfo(zone))) for zone in zones for each in instants)
    )


def _is_night(local: datetime) -> bool:
    return local.hour >= 21 or local.hour < 6


def _is_day(local: datetime) -> bool:
    if local.weekday() > _SATURDAY:
        return False
    return 10 <= local.hour < 16
