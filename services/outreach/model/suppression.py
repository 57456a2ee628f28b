"""What stops contact with a person, or at an address, from the moment it is heard here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from outreach.model.words import Channel, HoldKind

#: The kind of an address that others read, who may harm whoever is written to there. Nothing passes it.
UNSAFE = "unsafe"


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

    @classmethod
    def opt_out(
        cls,
        suppression_id: str,
        *,
        person_id: str | None,
        address: str | None,
        channel: Channel,
        at: datetime,
    ) -> Self:
        """Close a channel to a person, to whoever has an address, or to both."""
        return cls(
            suppression_id=suppression_id,
            person_id=person_id,
            address=address,
            channel=channel,
            kind="opted_out",
            at=at,
        )

    @classmethod
    def unreachable(cls, suppression_id: str, *, address: str, channel: Channel, at: datetime) -> Self:
        """Close an address that reaches nobody, whoever has it."""
        return cls(
            suppression_id=suppression_id,
            person_id=None,
            address=address,
            channel=channel,
            kind=HoldKind.UNREACHABLE,
            at=at,
        )

    @classmethod
    def wrong_party(
        cls, suppression_id: str, *, person_id: str | None, address: str, channel: Channel, at: datetime
    ) -> Self:
        """Close an address at which somebody else answered."""
        return cls(
            suppression_id=suppression_id,
            person_id=person_id,
            address=address,
            channel=channel,
            kind=HoldKind.WRONG_PARTY,
            at=at,
        )

    @classmethod
    def unsafe(
        cls, suppression_id: str, *, person_id: str | None, address: str, channel: Channel, at: datetime
    ) -> Self:
        """Close an address that is not safe for the person to all that we send, until a human opens it."""
        return cls(
            suppression_id=suppression_id,
            person_id=person_id,
            address=address,
            channel=channel,
            kind=UNSAFE,
            at=at,
        )

    @classmethod
    def with_human(cls, suppression_id: str, *, person_id: str, at: datetime) -> Self:
        """Hold everything back from a person until a human has dealt with what they wrote."""
        return cls(
            suppression_id=suppression_id,
            person_id=person_id,
            address=None,
            channel=None,
            kind=HoldKind.WITH_HUMAN,
            at=at,
        )
