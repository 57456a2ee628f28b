"""Whether an hour is a decent one, on every clock that may be the person's."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from outreach.policy import tables
from tests.soak.referee.facts import Facts

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: When the house writes to those who did not say when they would like it.
_HOUSE: Final = (
    {"days": _DAYS[:5], "begins": "08:00", "ends": "20:00"},
    {"days": _DAYS[5:6], "begins": "09:00", "ends": "18:00"},
)


def forbid(facts: Facts, at: datetime) -> str | None:
    """Say why the person may not be written to at this hour; None if they may."""
    zones = zones_of(facts)
    if not zones:
        return "nobody knows where the person is"
    inconvenient, convenient = _windows(facts, "inconvenient"), _windows(facts, "convenient")
    for zone in sorted(zones):
        local = at.astimezone(ZoneInfo(zone))
        if any(_covers(each, local) for each in inconvenient):
            return f"{local:%a %H:%M} in {zone}, which they called inconvenient"
        if not any(_covers(each, local) for each in convenient or _HOUSE):
            return f"{local:%a %H:%M} in {zone}"
    return None


def zones_of(facts: Facts) -> frozenset[str]:
    """Return every zone that an address or a number suggests; a country alone means all of its own."""
    zones: set[str] = set()
    countries: set[str] = set()
    placed: set[str] = set()
    for address in _listed(facts.who.get("addresses")):
        country = str(address["country"])
        code = address.get("postal_code")
        hint = tables.of_us_zip(str(code)) if country == "US" and code else None
        if hint is not None:
            zones |= hint.zones
            placed.add(country)
        else:
            countries.add(country)
    for phone in _listed(facts.who.get("phones")):
        hint = tables.of_phone(str(phone["number"]).lstrip("+"))
        if hint is not None and hint.zones:
            zones |= hint.zones
            placed.add(hint.country)
        elif hint is not None:
            countries.add(hint.country)
    for country in countries - placed:
        zones |= tables.countries().get(country, frozenset())
    return frozenset(zones)


def _windows(facts: Facts, name: str) -> Sequence[Mapping[str, Any]]:
    return _listed(facts.who.get(name))


def _listed(value: object) -> Sequence[Mapping[str, Any]]:
    return value if isinstance(value, Sequence) else ()


def _covers(window: Mapping[str, Any], local: datetime) -> bool:
    """True inside a window of local time; one that ends before it begins runs into the next day."""
    clock, begins, ends = f"{local:%H:%M}", window["begins"], window["ends"]
    today = _DAYS[local.weekday()] in window["days"]
    yesterday = _DAYS[(local - timedelta(days=1)).weekday()] in window["days"]
    if begins < ends:
        return today and begins <= clock < ends
    return (today and clock >= begins) or (yesterday and clock < ends)
