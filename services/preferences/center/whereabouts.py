"""The clock on a person's wall, as far as we know: for the days and hours that their pages show. Pure."""

from typing import Final
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone

from schemas.people import PersonSnapshot

_UNKNOWN: Final = ZoneInfo("UTC")
_NOT_KNOWN: Final = "Etc/Unknown"


def zone_of(known: PersonSnapshot) -> ZoneInfo:
    """Return the zone that the person or their creditor stated, else one of their number, else UTC."""
    if known.zones:
        return ZoneInfo(known.zones[0])
    for phone in known.phones:
        zones = timezone.time_zones_for_number(phonenumbers.parse(phone.number))
        if zones and zones[0] != _NOT_KNOWN:
            return ZoneInfo(zones[0])
    return _UNKNOWN
