"""What stops contact with a person, or at an address, from the moment it is heard here."""

from dataclasses import dataclass
from datetime import datetime

from outreach.model.words import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """Something that stops contact with a person, or at an address, on one channel or on all.

    `is_local`: it closes its address alone, not the channel of whoever has the address.
    """

    suppression_id: str
    person_id: str | None
    address: str | None
    channel: Channel | None
    kind: str
    at: datetime
    until: datetime | None = None
    is_local: bool = False
